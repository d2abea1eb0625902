import Desk
import Protocol

/// What a client wants; it asks until it has an answer, or gives up.
enum ClientWish {
  case open(OpenRequest)
  /// Follow a session that another device has opened.
  case join(SessionID)
  case send(SessionID, id: String, body: [UInt8])
  case close(SessionID)
  case transfer(SessionID, id: String, to: Transfer.Target)
  case read(SessionID)
  /// The person's own open sessions; nil: as many as are told without being asked for a number.
  case sessions(limit: Int?)
  case status(AgentStatus, skills: [SkillWeight]?, capacity: UInt32)

  /// - Parameter operation: the number of the client's operation, for the id of what names none.
  func frame(_ operation: Int) -> SentFrame {
    switch self {
    case .open(let open):
      var frame = SentFrame("open", id: open.id)
      frame.channel = open.channel
      if !open.skill.isEmpty { frame.skill = open.skill }
      frame.priority = Int(open.priority)
      return frame
    case .join(let session): return Self.frame("join", operation, session)
    case .send(let session, let id, let body):
      var frame = SentFrame("send", id: id)
      frame.session = session.text
      frame.body = String(decoding: body, as: UTF8.self)
      return frame
    case .close(let session):
      var frame = Self.frame("close", operation, session)
      frame.reason = "done"
      return frame
    case .transfer(let session, let id, let target):
      var frame = SentFrame("transfer", id: id)
      frame.session = session.text
      switch target {
      case .agent(let agent): frame.agent = agent.rawValue
      case .skill(let skill): frame.skill = skill
      }
      return frame
    case .read(let session):
      var frame = Self.frame("history", operation, session)
      frame.after = 0
      frame.limit = 1_000
      return frame
    case .sessions(let limit):
      var frame = SentFrame("sessions", id: "sessions\(operation)")
      frame.limit = limit
      return frame
    case .status(let status, let skills, let capacity):
      var frame = SentFrame("status", id: "status\(operation)")
      frame.status = status.name
      frame.skills = skills?.map(\.skill)
      frame.capacity = Int(capacity)
      return frame
    }
  }

  private static func frame(_ type: String, _ operation: Int, _ session: SessionID) -> SentFrame {
    var frame = SentFrame(type, id: "\(type)\(operation)")
    frame.session = session.text
    return frame
  }
}
