internal import Kernel

/// Time that an agent has behind a chat, for what is to be noted: it takes the room that the chat took. From level 10 on.
struct WrapUp: Hashable, Comparable, Sendable {
  static let since = Level.tenth
  /// An hour.
  static let most: UInt32 = 3_600_000

  /// When it ends by itself, in ms since 1970.
  var until: UInt64
  var session: SessionID

  static func < (left: WrapUp, right: WrapUp) -> Bool {
    left.until != right.until ? left.until < right.until : left.session < right.session
  }
}

/// When one ends, in the order in which that happens.
struct WrapUpDeadline: Hashable, Comparable, Sendable {
  var wrapUp: WrapUp
  var agent: AgentID

  static func < (left: WrapUpDeadline, right: WrapUpDeadline) -> Bool {
    left.wrapUp != right.wrapUp ? left.wrapUp < right.wrapUp : left.agent < right.agent
  }
}

extension WrapUp {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(until)
    writer.write(session.rawValue)
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    until = try reader.readVarint()
    session = SessionID(rawValue: try reader.readUInt64())
  }
}
