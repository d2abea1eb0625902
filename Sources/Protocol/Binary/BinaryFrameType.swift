import Desk

/// The types of binary frames that are no operations: what belongs to the connection, and what a server says. Those of operations
/// stand in their declarations (`ClientOperation.frameType`: 16 to 191), those of answers in theirs (`AnswerRecord.frameType`: 201, 205 and others that are
/// not here); a test compares them all. One that was ever used keeps
/// its meaning.
package enum BinaryFrameType: UInt8, Sendable, CaseIterable {
  // The connection (1-15).
  case hello = 1
  case ping = 2
  case pong = 3
  case received = 4

  // What a server says (192 and up).
  case welcome = 192
  case opened = 193
  case joined = 194
  case resumed = 195
  case ack = 196
  case ok = 197
  case message = 198
  case event = 199
  case history = 200
  case error = 202
  case goaway = 203
  case tokenExpires = 204

  /// The `type` of the text frame that says the same.
  package var name: String {
    switch self {
    case .hello: "hello"
    case .ping: "ping"
    case .pong: "pong"
    case .received: "received"
    case .welcome: "welcome"
    case .opened: "opened"
    case .joined: "joined"
    case .resumed: "resumed"
    case .ack: "ack"
    case .ok: "ok"
    case .message: "message"
    case .event: "event"
    case .history: "history"
    case .error: "error"
    case .goaway: "goaway"
    case .tokenExpires: "token_expires"
    }
  }
}

extension ClientFrameType {
  /// Of a binary frame.
  init(framed number: UInt8) {
    switch BinaryFrameType(rawValue: number) {
    case .hello: self = .hello
    case .ping: self = .ping
    case .pong: self = .pong
    case .received: self = .received
    case .welcome, .opened, .joined, .resumed, .ack, .ok, .message, .event, .history, .error, .goaway,
      .tokenExpires:
      self = .unknown
    case nil:
      self = number == Send.frameType ? .send : Operations.framed(number).map { .operation($0) } ?? .unknown
    }
  }
}
