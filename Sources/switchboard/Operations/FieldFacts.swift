import ArgumentParser
import Desk
import Foundation
import Protocol

/// What the schema of a field says, as far as a command line has a use for it.
struct FieldFacts {
  /// The only values that there are; none: any.
  var choices: [String] = []
  /// What is meant without the field, when it is said at all.
  var usual: String?
  /// What stands for the value in a page of help.
  var valueName: String

  init(_ field: FieldDescription) {
    let schema =
      (try? JSONSerialization.jsonObject(with: Data("{\(field.schema)}".utf8))) as? [String: Any] ?? [:]
    valueName =
      switch schema["type"] as? String {
      case "integer", "number": "number"
      case "object": "json"
      case "array": "list"
      default: "text"
      }
    choices = schema["enum"] as? [String] ?? []
    if schema["type"] as? String == "boolean" { choices = ["true", "false"] }
    if !choices.isEmpty { valueName = choices.joined(separator: "|") }
    usual = schema["default"].map { "\($0)" }
  }

  var completion: CompletionKind? { choices.isEmpty ? nil : .list(choices) }
}
