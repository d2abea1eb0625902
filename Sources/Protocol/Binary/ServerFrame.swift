package import Desk

/// A frame that a server says, declared: so it is written for clients of binary frames, and into the documents. As text it is
/// written by hand (`FrameBuffer.writeWelcome` and so on); a test holds both against each other.
package protocol ServerFrame: Sendable {
  static var type: BinaryFrameType { get }
  static var fields: Fields<Self> { get }
}

/// All that have fields but `event`, whose fields are those of its kind, and answers to queries, which are in `Operations.answers`.
package enum ServerFrameList {
  package static let all: [any ServerFrame.Type] = [
    WelcomeFrame.self, OpenedFrame.self, JoinedFrame.self, ResumedFrame.self, AckFrame.self, MessageFrame.self,
    HistoryFrame.self, ErrorFrame.self, GoawayFrame.self,
    TokenExpiresFrame.self,
  ]
}

package struct OpenedFrame: ServerFrame {
  package static let type = BinaryFrameType.opened
  var session: SessionID
  var state: String
  var position: UInt64
  var eta: UInt64
  var agents: [String]
  var etaLow: UInt64?
  var etaHigh: UInt64?

  package static let fields = Fields(
    Self.init(session:state:position:eta:agents:etaLow:etaHigh:),
    Field(1, "session", { $0.session }, .session, "Which one it is from now on."),
    Field(2, "state", { $0.state }, .text(16), "`queued`, `active` or `closed`."),
    Field(
      3, "position", { $0.position }, .number,
      "The place in the line of its skill, from 1; 0: it does not wait."),
    Field(4, "eta_ms", { $0.eta }, .number, "How long it will wait; 0: nothing can be said."),
    Field(5, "agents", { $0.agents }, .names, "Who serve it."),
    Field(
      6, "eta_low_ms", { $0.etaLow }, .optional(.number),
      "Of ten who are told this, one waits less. Missing: nothing can be said."),
    Field(7, "eta_high_ms", { $0.etaHigh }, .optional(.number), "Of ten who are told this, one waits more."))
}

package struct JoinedFrame: ServerFrame {
  package static let type = BinaryFrameType.joined
  var session: SessionID
  var state: String
  var seq: Sequence

  package static let fields = Fields(
    Self.init(session:state:seq:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "state", { $0.state }, .text(16), "`queued`, `active` or `closed`."),
    Field(3, "seq", { $0.seq }, .sequence, "Of its last message."))
}

package struct ResumedFrame: ServerFrame {
  package static let type = BinaryFrameType.resumed
  var session: SessionID
  var recovered: Bool

  package static let fields = Fields(
    Self.init(session:recovered:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "recovered", { $0.recovered }, .flag, "Whether what was missed comes behind it."))
}

package struct AckFrame: ServerFrame {
  package static let type = BinaryFrameType.ack
  var session: SessionID
  var seq: Sequence
  var time: UInt64

  package static let fields = Fields(
    Self.init(session:seq:time:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "seq", { $0.seq }, .sequence, "The message's place."),
    Field(3, "time", { $0.time }, .number, "When, in ms since 1970."))
}

package struct ErrorFrame: ServerFrame {
  package static let type = BinaryFrameType.error
  var session: String?
  var code: String
  var message: String
  var retryAfter: UInt64?

  package static let fields = Fields(
    Self.init(session:code:message:retryAfter:),
    Field(1, "session", { $0.session }, .optional(.text(128)), "Of a point of `resume`, as text."),
    Field(2, "code", { $0.code }, .text(64), "One of [the codes](#errors)."),
    Field(3, "message", { $0.message }, .text(4_096), "For people."),
    Field(4, "retry_after_ms", { $0.retryAfter }, .optional(.number), "When to say it again."))
}

package struct GoawayFrame: ServerFrame {
  package static let type = BinaryFrameType.goaway
  var reason: String
  var node: String?
  var url: String?
  var after: UInt64

  package static let fields = Fields(
    Self.init(reason:node:url:after:),
    Field(1, "reason", { $0.reason }, .text(256), "Why."),
    Field(2, "node", { $0.node }, .optional(.text(256)), "Where to go; missing: to any other."),
    Field(3, "client_url", { $0.url }, .optional(.text(1_024)), "Where that node takes clients."),
    Field(4, "reconnect_after_ms", { $0.after }, .number, "When."))
}

package struct TokenExpiresFrame: ServerFrame {
  package static let type = BinaryFrameType.tokenExpires
  var after: UInt64

  package static let fields = Fields(
    Self.init(after:), Field(1, "in_ms", { $0.after }, .number, "When the connection's token ends."))
}
