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
  /// Any operation that is declared.
  case perform(any SessionOperation, id: String)
  case read(SessionID)
  case createDesk(DeskName)
  /// A policy is to be another one.
  case arrange(any DeskOperation, id: String)
  /// All of a customer is to go.
  case erase(String, id: String)
  /// What the team of a conversation has written to each other.
  case notes(SessionID)
  /// Who takes part in a conversation.
  case participants(SessionID)
  /// Look at a conversation of others.
  case watch(SessionID)
  /// The person's own open sessions; nil: as many as are told without being asked for a number.
  case sessions(limit: Int?)
  case status(AgentStatus, skills: [SkillWeight]?, capacity: UInt32)

  /// - Parameter operation: the number of the client's operation, for the id of what names none.
  func frame(_ operation: Int) -> SentFrame {
    switch self {
    case .open(let open):
      SentFrame(Open(channel: open.channel, skill: open.skill, priority: open.priority), id: open.id)
    case .join(let session): SentFrame(Join(session: session), id: "join\(operation)")
    case .send(let session, let id, let body): SentFrame(Send(session: session, body: body), id: id)
    case .close(let session): SentFrame(Close(session: session, reason: "done"), id: "close\(operation)")
    case .transfer(let session, let id, .agent(let agent)):
      SentFrame(Transfer(session: session, agent: agent.rawValue), id: id)
    case .transfer(let session, let id, .skill(let skill)):
      SentFrame(Transfer(session: session, skill: skill), id: id)
    case .perform(let operation, let id): SentFrame(operation, id: id)
    case .arrange(let operation, let id): SentFrame(operation, id: id)
    case .erase(let customer, let id): SentFrame(EraseCustomer(customer: customer), id: id)
    case .createDesk(let desk): SentFrame(CreateDesk(desk: desk), id: "create\(operation)")
    case .read(let session):
      SentFrame(History(session: session, after: 0, limit: 1_000), id: "history\(operation)")
    case .notes(let session):
      SentFrame(Notes(session: session, limit: Notes.most), id: "notes\(operation)")
    case .participants(let session):
      SentFrame(Participants(session: session), id: "participants\(operation)")
    case .watch(let session):
      SentFrame(History(session: session, after: 0, limit: 1), id: "watch\(operation)")
    case .sessions(let limit):
      SentFrame(limit.map { Sessions(limit: $0) } ?? Sessions(), id: "sessions\(operation)")
    case .status(let status, let skills, let capacity):
      SentFrame(SetStatus(status: status, skills: skills, capacity: capacity), id: "status\(operation)")
    }
  }
}

extension ClientWish {
  /// The one session that it is about.
  var session: SessionID? {
    switch self {
    case .join(let session), .send(let session, _, _), .close(let session), .transfer(let session, _, _),
      .read(let session), .notes(let session), .participants(let session):
      session
    case .perform(let operation, _): operation.session
    case .open, .sessions, .status, .createDesk, .erase, .watch, .arrange: nil
    }
  }
}
