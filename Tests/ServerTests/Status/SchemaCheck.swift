import Foundation

/// Holds a document against its JSON Schema, as far as `/openapi.json` uses it, and more strictly: a member that is not
/// described is a fault as well. What it holds of JSON is never changed.
struct SchemaCheck: @unchecked Sendable {
  private let schemas: [String: [String: Any]]
  /// What was wrong, by its place.
  private(set) var faults: [String] = []
  /// Places where the documents so far had a value that says something: neither 0, false, empty nor null.
  private(set) var lively: Set<String> = []

  init(openAPI: Data) throws {
    let document = try JSONSerialization.jsonObject(with: openAPI) as? [String: Any]
    let components = document?["components"] as? [String: Any]
    schemas = components?["schemas"] as? [String: [String: Any]] ?? [:]
  }

  private func resolved(_ schema: [String: Any]) -> [String: Any] {
    guard let reference = schema["$ref"] as? String else { return schema }
    return schemas[reference.split(separator: "/").last.map(String.init) ?? ""] ?? [:]
  }

  /// Places of all members that are described.
  func places(_ schema: [String: Any], at place: String = "") -> Set<String> {
    let schema = resolved(schema)
    if let items = schema["items"] as? [String: Any] { return places(items, at: place).union([place]) }
    guard let properties = schema["properties"] as? [String: [String: Any]] else { return [place] }
    return properties.reduce(into: place.isEmpty ? [] : [place]) { found, member in
      found.formUnion(places(member.value, at: place.isEmpty ? member.key : "\(place).\(member.key)"))
    }
  }

  func places(named name: String) -> Set<String> { places(schemas[name] ?? [:]) }

  mutating func check(_ document: Data, is name: String) throws {
    guard let schema = schemas[name] else { return faults.append("there is no schema \(name)") }
    check(try JSONSerialization.jsonObject(with: document), schema, at: "")
  }

  private mutating func check(_ value: Any, _ described: [String: Any], at place: String) {
    let schema = resolved(described)
    if schema.isEmpty { faults.append("\(place): \(described) describes nothing") }
    let types = (schema["type"] as? [String]) ?? [schema["type"] as? String ?? ""]
    guard types.contains(where: { Self.isOf($0, value) }) else {
      return faults.append("\(place): \(value) is not \(types.joined(separator: " or "))")
    }
    if let words = schema["enum"] as? [String], !words.contains(value as? String ?? "") {
      faults.append("\(place): \(value) is none of \(words)")
    }
    if let least = schema["minimum"] as? NSNumber, let number = value as? NSNumber,
      number.compare(least) == .orderedAscending
    {
      faults.append("\(place): \(value) is below \(least)")
    }
    if schema["format"] as? String == "date-time",
      (value as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) == nil
    {
      faults.append("\(place): \(value) is no time")
    }
    switch value {
    case let members as [String: Any]: check(members, schema, at: place)
    case let list as [Any]:
      if !list.isEmpty { lively.insert(place) }
      for element in list { check(element, schema["items"] as? [String: Any] ?? [:], at: place) }
    case let text as String: if !text.isEmpty { lively.insert(place) }
    case let number as NSNumber: if number != 0 { lively.insert(place) }
    default: break
    }
  }

  private mutating func check(_ members: [String: Any], _ schema: [String: Any], at place: String) {
    lively.insert(place)
    let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
    for name in schema["required"] as? [String] ?? [] where members[name] == nil {
      faults.append("\(place).\(name) is missing")
    }
    for (name, value) in members {
      let inner = place.isEmpty ? name : "\(place).\(name)"
      if let described = properties[name] {
        check(value, described, at: inner)
      } else {
        faults.append("\(inner) is not described")
      }
    }
  }

  private static func isOf(_ type: String, _ value: Any) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "null": value is NSNull
    case "boolean": isFlag(value)
    case "number": value is NSNumber && !isFlag(value)
    case "integer":
      !isFlag(value) && (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
    default: false
    }
  }

  private static func isFlag(_ value: Any) -> Bool {
    (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
  }
}
