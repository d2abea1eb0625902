package import Desk
package import Kernel

/// What every frame of a client has, and the fields of `hello` and of those that are frequent, as places in its text. All
/// other operations read theirs by their declaration (`Fields`). Of a field that comes twice the last one counts.
package struct ClientFrame {
  package let text: UnsafeRawBufferPointer
  package private(set) var type = JSONValue.absent
  package private(set) var id = JSONValue.absent
  package private(set) var session = JSONValue.absent
  package private(set) var body = JSONValue.absent
  package private(set) var seq = JSONValue.absent
  package private(set) var token = JSONValue.absent
  package private(set) var receipts = JSONValue.absent
  package private(set) var resume = JSONValue.absent
  package private(set) var after = JSONValue.absent

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
    case 2: if name.equals("id") { id = value }
    case 3: if name.equals("seq") { seq = value }
    case 4: if name.equals("type") { type = value } else if name.equals("body") { body = value }
    case 5: if name.equals("token") { token = value } else if name.equals("after") { after = value }
    case 6: if name.equals("resume") { resume = value }
    case 7: if name.equals("session") { session = value }
    case 8: if name.equals("receipts") { receipts = value }
    default: break
    }
  }
}

/// What a client asks for: what is part of the connection itself, what is frequent, and everything else.
package enum ClientFrameType: Sendable {
  case hello, send, received, ping, pong
  case operation(any ClientOperation.Type)
  /// In the protocol, but not served by this release.
  case later
  case unknown

  package init(_ name: UnsafeRawBufferPointer) {
    switch name.count {
    case 4:
      if name.equals("send") {
        self = .send
        return
      } else if name.equals("ping") {
        self = .ping
        return
      } else if name.equals("pong") {
        self = .pong
        return
      }
    case 5:
      if name.equals("hello") {
        self = .hello
        return
      }
    case 8:
      if name.equals("received") {
        self = .received
        return
      }
    default: break
    }
    if let operation = Operations.named(name) {
      self = .operation(operation)
    } else {
      self = Operations.later.contains { name.equals($0) } ? .later : .unknown
    }
  }

  var isLater: Bool {
    switch self {
    case .later: true
    case .hello, .send, .received, .ping, .pong, .operation, .unknown: false
    }
  }
}
