package import Kernel

/// One member of a document that a node writes of itself, declared once: its name, where its value is and what it means. The
/// document, its JSON Schema and the reference are made from it.
package struct Figure<Root>: Sendable {
  package let name: StaticString
  package let about: String
  /// Whether it is in every document.
  package let isRequired: Bool
  /// The members of its JSON Schema (2020-12), without the braces.
  package let schema: String
  /// The same for people: a record is named and not spelled out.
  package let brief: String
  /// Records that it holds.
  package let records: [any StatusRecord.Type]
  /// Whether there is anything to write.
  fileprivate let isGiven: @Sendable (Root) -> Bool
  fileprivate let write: @Sendable (Root, inout BoundedWriter) -> Void

  private init<Value: StatusValue>(
    _ name: StaticString, _ about: String, _ type: Value.Type, schema: String?, isRequired: Bool,
    isGiven: @escaping @Sendable (Root) -> Bool,
    write: @escaping @Sendable (Root, inout BoundedWriter) -> Void
  ) {
    (self.name, self.about, self.isRequired) = (name, about, isRequired)
    (self.schema, brief) = (schema ?? Value.schema, schema ?? Value.brief)
    records = Value.records
    (self.isGiven, self.write) = (isGiven, write)
  }

  /// Always there.
  /// - Parameter schema: where it says more than the type does.
  package init<Value: StatusValue>(
    _ name: StaticString, _ value: @escaping @Sendable (Root) -> Value, _ about: String, schema: String? = nil
  ) {
    self.init(
      name, about, Value.self, schema: schema, isRequired: true, isGiven: { _ in true },
      write: { value($0).write(to: &$1) })
  }

  /// Left out when it is nil.
  package init<Value: StatusValue>(
    _ name: StaticString, maybe value: @escaping @Sendable (Root) -> Value?, _ about: String,
    schema: String? = nil
  ) {
    self.init(
      name, about, Value.self, schema: schema, isRequired: false, isGiven: { value($0) != nil },
      write: { value($0)?.write(to: &$1) })
  }

  /// Always there, and `null` when it is nil.
  package init(
    _ name: StaticString, orNull value: @escaping @Sendable (Root) -> String?, _ about: String
  ) {
    self.init(
      name, about, String.self, schema: #""type": ["string", "null"]"#, isRequired: true,
      isGiven: { _ in true },
      write: { root, writer in
        if let text = value(root) { writer.write(json: text) } else { writer.write(literal: "null") }
      })
  }
}

/// An object of such a document.
package protocol StatusRecord: StatusValue {
  /// How the reference calls it.
  static var title: StaticString { get }
  static var figures: [Figure<Self>] { get }
}

extension StatusRecord {
  package static var schema: String { objectSchema }
  package static var brief: String { "`\(title)`" }
  package static var records: [any StatusRecord.Type] { [Self.self] }

  /// Written out.
  package static var objectSchema: String {
    let members = figures.map { figure in
      "\(figure.name.description.quotedJSON): {\(figure.schema), \"description\": \(figure.about.quotedJSON)}"
    }
    let required = figures.filter(\.isRequired).map(\.name.description.quotedJSON).joined(separator: ", ")
    return #""type": "object", "required": [\#(required)], "properties": {\#(members.joined(separator: ", "))}"#
  }

  package func write(to writer: inout BoundedWriter) {
    var isFirst = true
    writer.write(literal: "{")
    for figure in Self.figures where figure.isGiven(self) {
      writer.write(literal: isFirst ? "\"" : ",\"")
      isFirst = false
      writer.write(literal: figure.name)
      writer.write(literal: "\":")
      figure.write(self, &writer)
    }
    writer.write(literal: "}")
  }

  /// The record as a JSON object.
  package var json: String {
    var buffer = FrameBuffer()
    buffer.append(expected: 2_048) { write(to: &$0) }
    return buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// This one and those that it holds, each once, for the reference.
  package static var all: [any StatusRecord.Type] {
    func inner<Record: StatusRecord>(_: Record.Type) -> [any StatusRecord.Type] { Record.all }
    var found: [any StatusRecord.Type] = [self]
    for figure in figures {
      for type in figure.records {
        found += inner(type).filter { record in !found.contains { $0 == record } }
      }
    }
    return found
  }

  /// Its rows in the reference.
  package static var reference: [String] {
    ["| member | | JSON schema | meaning |", "|---|---|---|---|"]
      + figures.map { figure in
        let type = figure.records.isEmpty ? "`{\(figure.brief)}`" : figure.brief
        return "| `\(figure.name)` | \(figure.isRequired ? "always" : "") | \(type) | \(figure.about) |"
      }
  }
}
