package import Kernel

/// The members of one JSON object that somebody wants, found by name: what it holds besides takes no memory. Of a name that
/// comes twice the last one counts.
package struct JSONObject {
  package let text: UnsafeRawBufferPointer
  private let names: [StaticString]
  private var values: [JSONValue]

  /// - Parameter text: valid UTF-8; must outlive this.
  package init(_ text: UnsafeRawBufferPointer, _ names: [StaticString]) throws(JSONFault) {
    self.text = text
    self.names = names
    values = Array(repeating: .absent, count: names.count)
    var reader = JSONReader(text)
    try reader.members(depth: 1) { name, value in set(name, value) }
    try reader.expectEnd()
  }

  private mutating func set(_ name: JSONValue, _ value: JSONValue) {
    if name.isEscaped {
      (name.bytes(in: text) ?? []).withUnsafeBytes { set($0, value) }
    } else {
      set(name.raw(in: text), value)
    }
  }

  private mutating func set(_ name: UnsafeRawBufferPointer, _ value: JSONValue) {
    for place in names.indices where name.equals(names[place]) { values[place] = value }
  }

  package subscript(name: StaticString) -> JSONValue {
    for place in names.indices
    where names[place].utf8Start == name.utf8Start || names[place].description == name.description {
      return values[place]
    }
    return .absent
  }
}
