import ArgumentParser
import Desk
import Foundation
import Protocol

/// The fields of a declared operation as arguments: what has to be there stands without a name, in the order of the
/// declaration, the rest are options. The parser takes a command's arguments from its mirror, which is made from the
/// table of fields here.
struct DeclaredArguments<Wanted: ClientOperation>: ParsableArguments, CustomReflectable {
  /// What was typed, by the names of the fields.
  private(set) var words: [String: String] = [:]
  /// What the request is to be remembered by.
  private(set) var id: String?
  /// As the asked node has it.
  private(set) var isLocal = false

  init() {}

  /// Whether it changes nothing.
  static var isReading: Bool { Wanted.route?.method == .get }

  /// `close_reason` as `close-reason`.
  static func flag(_ field: FieldDescription) -> String { field.name.replacing("_", with: "-") }

  var customMirror: Mirror {
    var children = Wanted.fields.list.map { field in
      (label: Optional("_" + field.name), value: Self.argument(for: field))
    }
    children.append(
      Self.isReading
        ? (
          label: "_isLocal",
          value: Flag<Bool>(
            wrappedValue: false, name: .customLong("local"), help: ArgumentHelp(stringLiteral: Self.localHelp))
        )
        : (
          label: "_requestID",
          value: Option<String?>(
            name: .customLong("id"),
            help: ArgumentHelp(
              "The request's own id, for asking the same again: it is done once.", valueName: "text"))
        ))
    return Mirror(self, children: children)
  }

  private static var localHelp: String { "As the asked node has it, perhaps a little behind; needs no quorum." }

  private static func argument(for field: FieldDescription) -> Any {
    let facts = FieldFacts(field)
    let usual = facts.usual.map { " (default: \($0))" } ?? ""
    let choices = facts.choices.isEmpty ? "" : " One of \(facts.choices.joined(separator: ", "))."
    if field.isRequired {
      let help = ArgumentHelp(stringLiteral: field.about + choices)
      return Argument<String>(help: help, completion: facts.completion)
    }
    let name = NameSpecification.customLong(flag(field))
    let help = ArgumentHelp(field.about + usual, valueName: facts.valueName)
    switch field.spelling {
    case .words: return Option<[String]>(wrappedValue: [], name: name, help: help, completion: facts.completion)
    // A number may be below 0.
    case .json:
      return Option<String?>(name: name, parsing: .unconditional, help: help, completion: facts.completion)
    case .text: return Option<String?>(name: name, help: help, completion: facts.completion)
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for field in Wanted.fields.list {
      let key = Key(stringValue: field.name)
      if field.isRequired {
        words[field.name] = try container.decode(Argument<String>.self, forKey: key).wrappedValue
      } else if case .words = field.spelling {
        let list = try container.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !list.isEmpty { words[field.name] = list.joined(separator: ",") }
      } else {
        words[field.name] = try container.decode(Option<String?>.self, forKey: key).wrappedValue
      }
    }
    if Self.isReading {
      isLocal = try container.decode(Flag<Bool>.self, forKey: Key(stringValue: "isLocal")).wrappedValue
    } else {
      id = try container.decode(Option<String?>.self, forKey: Key(stringValue: "requestID")).wrappedValue
    }
  }
}
