/// The fields of a client's frame that the protocol knows, as places in its text. Other fields are skipped; of a
/// field that comes twice the last one counts.
package struct ClientFrame {
  package let text: UnsafeRawBufferPointer
  package private(set) var type = JSONValue.absent
  package private(set) var id = JSONValue.absent
  package private(set) var on = JSONValue.absent
  package private(set) var session = JSONValue.absent
  package private(set) var body = JSONValue.absent
  package private(set) var seq = JSONValue.absent
  package private(set) var token = JSONValue.absent
  package private(set) var receipts = JSONValue.absent
  package private(set) var resume = JSONValue.absent
  package private(set) var after = JSONValue.absent
  package private(set) var before = JSONValue.absent
  package private(set) var since = JSONValue.absent
  package private(set) var limit = JSONValue.absent
  package private(set) var channel = JSONValue.absent
  package private(set) var skill = JSONValue.absent
  package private(set) var agent = JSONValue.absent
  package private(set) var skills = JSONValue.absent
  package private(set) var weight = JSONValue.absent
  package private(set) var intent = JSONValue.absent
  package private(set) var priority = JSONValue.absent
  package private(set) var attributes = JSONValue.absent
  package private(set) var status = JSONValue.absent
  package private(set) var capacity = JSONValue.absent
  package private(set) var reason = JSONValue.absent

  /// Reads the one object that `text` is.
  /// - Parameter text: valid UTF-8; must outlive the frame.
  package init(_ text: UnsafeRawBufferPointer) throws(JSONFault) {
    self.text = text
    var reader = JSONReader(text)
    try read(&reader, depth: 1)
    try reader.expectEnd()
  }

  /// Reads one object of a list within a frame, for instance of `resume`.
  package init(element reader: inout JSONReader, depth: Int) throws(JSONFault) {
    text = reader.text
    try read(&reader, depth: depth)
  }

  private mutating func read(_ reader: inout JSONReader, depth: Int) throws(JSONFault) {
    guard reader.take(UInt8(ascii: "{")) else { throw reader.fault("an object is expected") }
    if reader.take(UInt8(ascii: "}")) { return }
    while true {
      let name = try reader.name()
      let value = try reader.value(depth: depth)
      set(name, value)
      if reader.take(UInt8(ascii: "}")) { return }
      guard reader.take(UInt8(ascii: ",")) else {
        throw reader.fault("a comma or a closing brace is expected")
      }
    }
  }

  @inline(__always)
  private mutating func set(_ name: JSONValue, _ value: JSONValue) {
    if name.isEscaped {
      // Rare: the decoded name is compared instead.
      guard let decoded = name.bytes(in: text) else { return }
      decoded.withUnsafeBytes { set($0, value) }
    } else {
      set(name.raw(in: text), value)
    }
  }

  private mutating func set(_ name: UnsafeRawBufferPointer, _ value: JSONValue) {
    switch name.count {
    case 2: if name.equals("id") { id = value } else if name.equals("on") { on = value }
    case 3: if name.equals("seq") { seq = value }
    case 4:
      if name.equals("type") { type = value } else if name.equals("body") { body = value }
    case 5:
      if name.equals("token") {
        token = value
      } else if name.equals("after") {
        after = value
      } else if name.equals("since") {
        since = value
      } else if name.equals("limit") {
        limit = value
      } else if name.equals("skill") {
        skill = value
      } else if name.equals("agent") {
        agent = value
      }
    case 6:
      if name.equals("status") {
        status = value
      } else if name.equals("reason") {
        reason = value
      } else if name.equals("skills") {
        skills = value
      } else if name.equals("intent") {
        intent = value
      } else if name.equals("resume") {
        resume = value
      } else if name.equals("before") {
        before = value
      } else if name.equals("weight") {
        weight = value
      }
    case 7:
      if name.equals("session") { session = value } else if name.equals("channel") { channel = value }
    case 8:
      if name.equals("receipts") {
        receipts = value
      } else if name.equals("priority") {
        priority = value
      } else if name.equals("capacity") {
        capacity = value
      }
    case 10: if name.equals("attributes") { attributes = value }
    default: break
    }
  }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  func equals(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for offset in 0..<count where self[offset] != word.utf8Start[offset] { return false }
    return true
  }
}

/// What a client asks for.
package enum ClientFrameType: Sendable {
  case hello, open, join, send, received, status, close, transfer, history, sessions, ping, pong, typing, read
  /// In the protocol, but not served by this release.
  case later
  case unknown

  package init(_ name: UnsafeRawBufferPointer) {
    self =
      switch name.count {
      case 4:
        if name.equals("send") {
          .send
        } else if name.equals("ping") {
          .ping
        } else if name.equals("pong") {
          .pong
        } else if name.equals("open") {
          .open
        } else if name.equals("join") {
          .join
        } else if name.equals("read") {
          .read
        } else {
          Self.other(name)
        }
      case 5:
        if name.equals("hello") { .hello } else if name.equals("close") { .close } else { Self.other(name) }
      case 6:
        if name.equals("status") { .status } else if name.equals("typing") { .typing } else { Self.other(name) }
      case 7: if name.equals("history") { .history } else { Self.other(name) }
      case 8:
        if name.equals("received") {
          .received
        } else if name.equals("transfer") {
          .transfer
        } else if name.equals("sessions") {
          .sessions
        } else {
          Self.other(name)
        }
      default: .unknown
      }
  }

  private static let laterNames: [StaticString] = [
    "accept", "invite", "leave", "note", "whisper", "monitor", "rate",
  ]

  private static func other(_ name: UnsafeRawBufferPointer) -> ClientFrameType {
    laterNames.contains(where: { name.equals($0) }) ? .later : .unknown
  }
}
