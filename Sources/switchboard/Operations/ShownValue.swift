import Kernel
import Protocol

/// A value of JSON with its members in their order, for people to read.
indirect enum ShownValue {
  case scalar(String)
  case list([ShownValue])
  case object([(name: String, value: ShownValue)])

  /// Deeper ones are shown as they came.
  private static let deepest = 8

  /// - Returns: nil when it is no JSON.
  init?(json: some Sequence<UInt8>) {
    let bytes = Array(json)
    guard bytes.count < Int(Int32.max), let value = bytes.withUnsafeBytes({ Self.read($0) }) else { return nil }
    self = value
  }

  private static func read(_ text: UnsafeRawBufferPointer) -> ShownValue? {
    var reader = JSONReader(text)
    do throws(JSONFault) {
      let value = try reader.value(depth: 0)
      try reader.expectEnd()
      return shown(value, in: text, depth: 0)
    } catch { return nil }
  }

  private static func shown(_ value: JSONValue, in text: UnsafeRawBufferPointer, depth: Int) -> ShownValue {
    let raw = value.raw(in: text)
    var reader = JSONReader(raw)
    switch value.kind {
    case .absent, .null: return .scalar("-")
    case .string: return .scalar(value.string(in: text) ?? "")
    case .object where depth < deepest:
      var members: [(name: String, value: ShownValue)] = []
      try? reader.members(depth: 0) { name, value in
        members.append((name.string(in: raw) ?? "", shown(value, in: raw, depth: depth + 1)))
      }
      return .object(members)
    case .array where depth < deepest:
      var elements: [ShownValue] = []
      try? reader.elements(depth: 0) { elements.append(shown($0, in: raw, depth: depth + 1)) }
      return .list(elements)
    case .yes: return .scalar("true")
    case .no: return .scalar("false")
    case .number, .object, .array: return .scalar(String(decoding: raw, as: UTF8.self))
    }
  }

  /// In one line: `billing:1, refunds:2`.
  var line: String {
    switch self {
    case .scalar(let text): text
    case .list(let elements): elements.isEmpty ? "-" : elements.map(\.line).joined(separator: ", ")
    case .object(let members): members.map(\.value.line).joined(separator: ":")
    }
  }
}
