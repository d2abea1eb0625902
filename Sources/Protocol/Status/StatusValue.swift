package import Kernel

/// What a `Figure` can be.
package protocol StatusValue: Sendable {
  /// The members of its JSON Schema (2020-12), without the braces.
  static var schema: String { get }
  /// The same for people: a record is named and not spelled out.
  static var brief: String { get }
  /// Records that it holds.
  static var records: [any StatusRecord.Type] { get }
  func write(to writer: inout BoundedWriter)
}

extension StatusValue {
  package static var brief: String { schema }
  package static var records: [any StatusRecord.Type] { [] }
}

extension String: StatusValue {
  package static var schema: String { #""type": "string""# }
  package func write(to writer: inout BoundedWriter) { writer.write(json: self) }
}

extension Bool: StatusValue {
  package static var schema: String { #""type": "boolean""# }
  package func write(to writer: inout BoundedWriter) { writer.write(literal: self ? "true" : "false") }
}

extension UInt64: StatusValue {
  package static var schema: String { #""type": "integer", "minimum": 0"# }
  package func write(to writer: inout BoundedWriter) { writer.write(decimal: self) }
}

/// Most count something.
extension Int: StatusValue {
  package static var schema: String { #""type": "integer", "minimum": 0"# }
  package func write(to writer: inout BoundedWriter) { writer.write(Array(String(self).utf8)) }
}

extension Double: StatusValue {
  package static var schema: String { #""type": "number""# }
  /// JSON has no word for what is no number.
  package func write(to writer: inout BoundedWriter) {
    writer.write(Array(String(isFinite ? self : 0).utf8))
  }
}

extension Array: StatusValue where Element: StatusValue {
  package static var schema: String { #""type": "array", "items": {\#(Element.schema)}"# }
  package static var brief: String {
    records.isEmpty ? schema : "list of \(Element.brief)"
  }
  package static var records: [any StatusRecord.Type] { Element.records }
  package func write(to writer: inout BoundedWriter) {
    writer.write(literal: "[")
    for (place, element) in enumerated() {
      if place > 0 { writer.write(literal: ",") }
      element.write(to: &writer)
    }
    writer.write(literal: "]")
  }
}

/// One of a few words.
package protocol StatusWord: StatusValue, CaseIterable, RawRepresentable<String> {}

extension StatusWord {
  package static var schema: String {
    let words = allCases.map(\.rawValue.quotedJSON).joined(separator: ", ")
    return #""type": "string", "enum": [\#(words)]"#
  }
  package func write(to writer: inout BoundedWriter) { writer.write(json: rawValue) }
}

/// Schemas that say more than a type does.
enum StatusSchema {
  /// RFC 3339, UTC.
  static let time = #""type": "string", "format": "date-time""#
  /// From 1.
  static let level = #""type": "integer", "minimum": 1"#

  static func word(_ words: String...) -> String {
    #""type": "string", "enum": [\#(words.map(\.quotedJSON).joined(separator: ", "))]"#
  }
}
