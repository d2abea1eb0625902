import Desk
import Kernel

/// Reads the values of a server's frame as what the protocol says they are. `null` is as good as absent.
struct JSONFields {
  private let text: UnsafeRawBufferPointer

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  private func fault(_ value: JSONValue, _ reason: StaticString) -> JSONFault {
    JSONFault(position: Int(value.start), reason: reason)
  }

  func name(_ value: JSONValue) -> String { value.string(in: text) ?? "" }

  func text(_ value: JSONValue) throws(JSONFault) -> String? {
    guard value.isGiven else { return nil }
    guard let string = value.string(in: text) else { throw fault(value, "a string is expected") }
    return string
  }

  func flag(_ value: JSONValue) throws(JSONFault) -> Bool? {
    switch value.kind {
    case .absent, .null: return nil
    case .yes: return true
    case .no: return false
    case .number, .string, .object, .array: throw fault(value, "true or false is expected")
    }
  }

  func number(_ value: JSONValue) throws(JSONFault) -> Int? {
    guard value.isGiven else { return nil }
    guard let number = value.integer(in: text) else { throw fault(value, "a whole number is expected") }
    return Int(number)
  }

  func count(_ value: JSONValue, limit: UInt64) throws(JSONFault) -> UInt64? {
    guard value.isGiven else { return nil }
    guard let number = value.unsigned(in: text), number <= limit else {
      throw fault(value, "a whole number from 0 to 2^53 is expected")
    }
    return number
  }

  func texts(_ value: JSONValue) throws(JSONFault) -> [String]? {
    var list: [String] = []
    let isGiven = try each(value) { element, fields throws(JSONFault) in
      if let text = try fields.text(element) { list.append(text) }
    }
    return isGiven ? list : nil
  }

  /// A node is told by its name alone, or as an object with the address where its clients connect.
  func nodes(_ value: JSONValue) throws(JSONFault) -> [ReceivedFrame.Node]? {
    var list: [ReceivedFrame.Node] = []
    let isGiven = try each(value) { element, fields throws(JSONFault) in
      if element.kind == .string {
        list.append(ReceivedFrame.Node(name: fields.name(element), url: nil))
        return
      }
      var names: [String: String] = [:]
      try fields.members(element) { name, value, fields throws(JSONFault) in
        switch name {
        case "id", "name", "node", "url", "client_url": names[name] = try fields.text(value)
        default: break
        }
      }
      guard let name = names["node"] ?? names["name"] ?? names["id"] else {
        throw fields.fault(element, "a node needs a name")
      }
      list.append(ReceivedFrame.Node(name: name, url: names["url"] ?? names["client_url"]))
    }
    return isGiven ? list : nil
  }

  func messages(_ value: JSONValue) throws(JSONFault) -> [ReceivedFrame.HistoryMessage]? {
    var list: [ReceivedFrame.HistoryMessage] = []
    let isGiven = try each(value) { element, fields throws(JSONFault) in
      var message = ReceivedFrame.HistoryMessage()
      var seq: UInt64?
      var body: String?
      try fields.members(element) { name, value, fields throws(JSONFault) in
        switch name {
        case "seq": seq = try fields.count(value, limit: ReceivedFrame.lastNumber)
        case "time": message.time = try fields.count(value, limit: ReceivedFrame.lastNumber)
        case "id": message.id = try fields.text(value)
        case "from": message.from = try fields.text(value)
        case "role": message.role = try fields.text(value)
        case "name": message.name = try fields.text(value)
        case "kind": message.kind = try fields.text(value)
        case "body": body = try fields.text(value)
        default: break
        }
      }
      guard let seq, let body else { throw fields.fault(element, "a message needs `seq` and `body`") }
      message.seq = seq
      message.body = body
      list.append(message)
    }
    return isGiven ? list : nil
  }

  /// Limits are for the client's convenience: what is odd in them is as good as absent.
  func limits(_ value: JSONValue) throws(JSONFault) -> ServerLimits? {
    guard value.kind == .object else { return nil }
    var limits = ServerLimits()
    try members(value) { name, value, fields throws(JSONFault) in
      guard let number = value.integer(in: fields.text), (1...Int64(Int32.max)).contains(number) else { return }
      switch name {
      case "frame_bytes": limits.frameBytes = Int(number)
      case "body_bytes": limits.bodyBytes = Int(number)
      default: break
      }
    }
    return limits
  }

  /// - Returns: whether there is a list.
  private func each(
    _ value: JSONValue, _ body: (JSONValue, JSONFields) throws(JSONFault) -> Void
  ) throws(JSONFault) -> Bool {
    guard value.isGiven else { return false }
    guard value.kind == .array else { throw fault(value, "a list is expected") }
    let raw = value.raw(in: text)
    let fields = JSONFields(raw)
    var reader = JSONReader(raw)
    try reader.elements(depth: 2) { element throws(JSONFault) in try body(element, fields) }
    return true
  }

  private func members(
    _ value: JSONValue, _ body: (String, JSONValue, JSONFields) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    guard value.kind == .object else { throw fault(value, "an object is expected") }
    let raw = value.raw(in: text)
    let fields = JSONFields(raw)
    var reader = JSONReader(raw)
    try reader.members(depth: 3) { name, value throws(JSONFault) in try body(fields.name(name), value, fields) }
  }
}
