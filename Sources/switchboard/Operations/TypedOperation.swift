import ArgumentParser
import Desk
import Foundation
import Kernel
import Protocol

/// An operation as somebody has typed it: looked at by its declaration before any node is asked.
struct TypedOperation<Wanted: ClientOperation> {
  /// The JSON of each field that is given, in the order of the declaration.
  private var members: [(name: String, json: String)] = []
  private let words: [String: String]
  let operation: Wanted

  /// - Parameter words: by the names of the fields.
  /// - Throws: `ValidationError` that names the argument.
  init(_ words: [String: String]) throws {
    self.words = words
    for field in Wanted.fields.list {
      guard let word = words[field.name] else { continue }
      let json = field.spelling.json(of: word)
      // One value of JSON, and nothing behind it that would be another field.
      guard (try? JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)) != nil else {
        throw ValidationError("\(Self.argument(field)): '\(word)' is no \(FieldFacts(field).valueName)")
      }
      members.append((field.name, json))
    }
    do {
      operation = try Array(Self.object(members).utf8).withUnsafeBytes { try Wanted.fields.read($0) }
      try operation.check()
    } catch let failure as Failure {
      guard [.badFrame, .tooLarge].contains(failure.code) else {
        throw CommandFailure("\(failure.code.rawValue): \(failure.message)")
      }
      throw ValidationError(Self.words(failure.message))
    }
  }

  /// The frame's fields in words of the command line: "`limit` must be" as "--limit must be".
  private static func words(_ message: String) -> String {
    Wanted.fields.list.reduce(message) { message, field in
      message.replacing("`\(field.name)`", with: argument(field))
    }
  }

  private static func argument(_ field: FieldDescription) -> String {
    field.isRequired ? "<\(field.name)>" : "--\(DeclaredArguments<Wanted>.flag(field))"
  }

  private static func object(_ members: [(name: String, json: String)]) -> String {
    "{" + members.map { "\($0.name.quotedJSON):\($0.json)" }.joined(separator: ",") + "}"
  }

  /// - Parameter isLocal: of what only reads.
  func path(of route: Route, isLocal: Bool) -> String {
    let path = route.path.split(separator: "/").map { part in
      part.hasPrefix("{") ? Self.encoded(words[String(part.dropFirst().dropLast())] ?? "") : String(part)
    }
    var query: [String] = []
    if route.method == .get {
      for (name, _) in members where !route.fields.contains(name) {
        query.append("\(name)=\(Self.encoded(words[name] ?? ""))")
      }
      if isLocal { query.append("consistency=local") }
    }
    return "/" + path.joined(separator: "/") + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }

  /// What does not stand in the path; nil: nothing goes in a body.
  func body(of route: Route) -> Data? {
    guard route.method != .get else { return nil }
    return Data(Self.object(members.filter { !route.fields.contains($0.name) }).utf8)
  }

  private static func encoded(_ word: String) -> String {
    var text = ""
    for byte in word.utf8 {
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || [0x2d, 0x2e, 0x5f, 0x7e].contains(byte)
      let digits = String(byte, radix: 16, uppercase: true)
      text += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
    }
    return text
  }
}
