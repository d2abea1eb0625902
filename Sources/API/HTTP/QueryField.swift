internal import Desk
internal import Foundation
import Kernel

/// A parameter of a query, declared once: its name, what is taken, and how that is read. `/openapi.json` has it from here.
struct QueryField<Value: Sendable>: DescribedQueryField {
  let name: String
  let about: String
  /// The members of its JSON Schema, without the braces.
  let schema: String
  /// Whether it may stand without a value: `?verbose`.
  let mayBeEmpty: Bool
  fileprivate let read: @Sendable (QueryParameters) throws(ProblemDetails) -> Value

  fileprivate init(
    _ name: String, _ about: String, schema: String, mayBeEmpty: Bool = false,
    read: @escaping @Sendable (QueryParameters) throws(ProblemDetails) -> Value
  ) {
    (self.name, self.about, self.schema, self.mayBeEmpty, self.read) = (name, about, schema, mayBeEmpty, read)
  }
}

/// A parameter of a query as the description sees it.
protocol DescribedQueryField: Sendable {
  var name: String { get }
  var about: String { get }
  var schema: String { get }
  var mayBeEmpty: Bool { get }
  /// Without it nothing is read.
  var isRequired: Bool { get }
}

extension DescribedQueryField {
  var isRequired: Bool { false }

  /// A parameter object of OpenAPI.
  var description: String {
    let empty = mayBeEmpty ? #""allowEmptyValue": true, "# : ""
    let required = isRequired ? #""required": true, "# : ""
    return
      #"{"name": \#(name.quotedJSON), "in": "query", \#(required)\#(empty)"description": \#(about.quotedJSON), "#
      + #""schema": {\#(schema)}}"#
  }

  /// The same for one that stands in a path.
  var descriptionInPath: String {
    #"{"name": \#(name.quotedJSON), "in": "path", "required": true, "description": \#(about.quotedJSON), "#
      + #""schema": {\#(schema)}}"#
  }
}

extension QueryParameters {
  init(_ query: String?, _ fields: [any DescribedQueryField]) throws(ProblemDetails) {
    try self.init(query, allowed: fields.map(\.name))
  }

  func value<Value>(_ field: QueryField<Value>) throws(ProblemDetails) -> Value { try field.read(self) }
}

extension QueryField where Value == Int {
  /// How many elements a page has.
  static func limit(upTo most: Int, or usual: Int) -> Self {
    QueryField(
      "limit", "How many at the most.",
      schema: #""type": "integer", "minimum": 1, "maximum": \#(most), "default": \#(usual)"#
    ) { (query) throws(ProblemDetails) in
      try query.integer("limit", in: 1...UInt64(most)).map { Int($0) } ?? usual
    }
  }
}

extension QueryField where Value == UInt64? {
  static func number(_ name: String, from least: UInt64, _ about: String) -> Self {
    QueryField(name, about, schema: #""type": "integer", "minimum": \#(least)"#) {
      (query) throws(ProblemDetails) in try query.integer(name, in: least...UInt64.max)
    }
  }

  static func time(_ name: String, _ about: String) -> Self {
    QueryField(
      name, about,
      schema: #""oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "format": "date-time"}]"#
    ) { (query) throws(ProblemDetails) in try query.time(name) }
  }
}

extension QueryField where Value == Bool {
  static func flag(_ name: String, _ about: String) -> Self {
    QueryField(
      name, about, schema: #""type": "string", "enum": ["", "true", "false", "1", "0"]"#, mayBeEmpty: true
    ) { (query) throws(ProblemDetails) in try query.flag(name) }
  }

  /// Whether this node's own state is good enough.
  static let isLocal = QueryField(
    "consistency",
    "`linearizable` (default) reads as a quorum has it now; `local` reads this node's own state, which may be behind, "
      + "and needs no quorum.",
    schema: #""type": "string", "enum": ["linearizable", "local"], "default": "linearizable""#
  ) { (query) throws(ProblemDetails) in try query.choice("consistency", Consistency.self) == .local }
}

private enum Consistency: String, CaseIterable {
  /// As a quorum has it now: the default.
  case linearizable
  /// As this node has it, perhaps a little behind; answered without a quorum too.
  case local
}

extension QueryField where Value == DeskName? {
  static func desk(_ name: String, _ about: String) -> Self {
    QueryField(
      name, about, schema: #""type": "string", "pattern": "^[a-z][a-z0-9-]{0,\#(DeskName.mostBytes - 1)}$""#
    ) { (query) throws(ProblemDetails) in try query.desk(name) }
  }
}

extension QueryField where Value == PageCursor? {
  static let cursor = QueryField(
    PageCursor.parameter,
    "Where to go on: `next` of the page before, as it was. Of this list alone, and of any node.",
    schema: #""type": "string", "minLength": 1, "maxLength": \#(PageCursor.longest)"#
  ) { (query) throws(ProblemDetails) in query.text(PageCursor.parameter).map { PageCursor(text: $0) } }
}
