import ArgumentParser
import Desk
import Foundation
import Kernel
import Protocol
import Testing

@testable import switchboard

/// What holds for the command of every operation that is declared for one.
struct OperationCommandTests {
  private static let declared = Operations.all.filter { $0.noun != nil }

  private static func json<One: ClientOperation>(_ one: One) -> [UInt8] {
    var buffer = FrameBuffer()
    buffer.append(expected: 256) { writer in
      var isFirst = true
      writer.write(literal: "{")
      One.fields.writeMembers(of: one, isFirst: &isFirst, into: &writer)
      writer.write(literal: "}")
    }
    return buffer.bytes
  }

  /// What somebody types to have said this.
  private static func arguments<One: ClientOperation>(_: One.Type, _ text: [UInt8]) throws -> [String] {
    var values: [String: String] = [:]
    try text.withUnsafeBytes { text in
      var reader = JSONReader(text)
      try reader.members(depth: 0) { name, value in
        let word = value.string(in: text) ?? String(decoding: value.raw(in: text), as: UTF8.self)
        values[name.string(in: text) ?? ""] = word
      }
    }
    let options = One.fields.list.filter { !$0.isRequired }.flatMap { field -> [String] in
      let name = "--\(field.name.replacing("_", with: "-"))"
      return values[field.name].map { $0.isEmpty ? [name, ""] : ["\(name)=\($0)"] } ?? []
    }
    return options + ["--"] + One.fields.list.filter(\.isRequired).compactMap { values[$0.name] }
  }

  @Test("says what was typed, field by field", arguments: 0..<declared.count)
  func everyOperation(_ place: Int) throws {
    func check<One: ClientOperation>(_: One.Type) throws {
      let seed: UInt64 = 20_261_129
      var random = SeededGenerator(seed: seed)
      // Each command is made anew, which takes long where the code is not optimized.
      for round in 0..<8 {
        let sample = One.fields.sample(&random)
        guard (try? sample.check()) != nil else { continue }
        let text = Self.json(sample)
        let about = Comment(rawValue: "\(One.name), seed \(seed), round \(round)")
        let command = try OperationCommand<One>.parse(try Self.arguments(One.self, text))
        #expect(Self.json(try TypedOperation<One>(command.declared.words).operation) == text, about)
      }
    }
    try check(Self.declared[place])
  }

  /// Values of the fields that are needed, as somebody types them.
  private static func needed<One: ClientOperation>(_: One.Type) throws -> [String] {
    var random = SeededGenerator(seed: 1)
    let words = try arguments(One.self, json(One.fields.sample(&random)))
    return words.firstIndex(of: "--").map { Array(words[($0 + 1)...]) } ?? []
  }

  @Test("names the argument that is missing, or is none, and ends as a wrong use")
  func wrongUse() throws {
    let odd = ["x", "1,\"session\":\"8\"", "\"1\"", "[1"]
    var tried = 0
    func failure<One: ClientOperation>(_: One.Type, _ arguments: [String]) -> (text: String, code: Int32) {
      do {
        _ = try OperationCommand<One>.parse(arguments)
        return ("", 0)
      } catch {
        return (OperationCommand<One>.message(for: error), OperationCommand<One>.exitCode(for: error).rawValue)
      }
    }
    for type in Self.declared {
      let fields = type.allFields
      if let first = fields.first(where: \.isRequired) {
        let none = failure(type, [])
        #expect(none.text.contains("<\(first.name)>") && none.code == 64, "\(type.name): \(none)")
      }
      for field in fields where !field.isRequired {
        guard case .json = field.spelling else { continue }
        // One of them each, in turn: see above.
        tried += 1
        let name = "--\(field.name.replacing("_", with: "-"))"
        let wrong = failure(type, ["\(name)=\(odd[tried % odd.count])", "--"] + (try Self.needed(type)))
        #expect(wrong.text.contains(name) && wrong.code == 64, "\(type.name): \(wrong)")
      }
      let unknown = failure(type, ["--nonsense"])
      #expect(unknown.code == 64, "\(type.name)")
    }
    #expect(tried > odd.count)
    #expect(
      failure(Transfer.self, ["7", "--skill", "tax", "--role", "customer"]).text.contains("this is for agents"))
    #expect(
      failure(Transfer.self, ["7", "--skill", "tax", "--agent", "bo"]).text.contains("--agent and --skill"))
    #expect(failure(History.self, ["7", "--after", "1", "--before", "3"]).code == 64)
    #expect(failure(History.self, ["7", "--limit", "0"]).text.contains("--limit must be from 1"))
  }

  @Test("no field has the name of what every command has, and what has no route is only told that it is done")
  func names() {
    let common: Set = [
      "id", "json", "local", "as", "role", "url", "token", "token-file", "context", "config", "secret-file",
      "ca",
      "wait", "help", "version",
    ]
    for type in Self.declared {
      #expect(common.isDisjoint(with: type.allFields.map { $0.name.replacing("_", with: "-") }), "\(type.name)")
      guard type.route == nil, case .ok = type.answer else {
        #expect(type.route != nil, "\(type.name)")
        continue
      }
    }
    let verbs = Set(OperationCommands.of(.session).map { $0._commandName })
    #expect(verbs.isSuperset(of: ["open", "send", "close", "history", "list"]))
    #expect(verbs.isSuperset(of: Operations.ofSessions.values.map { "\($0.name)".replacing("_", with: "-") }))
    #expect(OperationCommands.of(.agent).map { $0._commandName }.contains("status"))
  }

  @Test("is found by the completion of each shell", arguments: ["bash", "zsh", "fish"])
  func completion(_ name: String) throws {
    let shell = try #require(CompletionShell(rawValue: name))
    let script = SwitchboardCommand.completionScript(for: shell)
    for words in ["transfer", "history", "capacity", "attributes", "offline"] {
      #expect(script.contains(words), "\(name): \(words)")
    }
  }

  @Test("goes to its route, with the rest in the body or behind the question mark")
  func routes() throws {
    let transfer = try TypedOperation<Transfer>(["session": "7", "agent": "kim ü"])
    let route = try #require(Transfer.route)
    #expect(transfer.path(of: route, isLocal: false) == "/v1/sessions/7/transfer")
    #expect(transfer.body(of: route) == Data(#"{"agent":"kim ü"}"#.utf8))
    let history = try TypedOperation<History>(["session": "7", "after": "3", "limit": "5"])
    let reading = try #require(History.route)
    #expect(
      history.path(of: reading, isLocal: true) == "/v1/sessions/7/messages?after=3&limit=5&consistency=local")
    #expect(history.body(of: reading) == nil)
    // Words with commas, several times, or JSON.
    for words in [["--skills=a,b"], ["--skills=a", "--skills=b"], [#"--skills=["a","b"]"#]] {
      let command = try OperationCommand<SetStatus>.parse(words + ["online"])
      let status = try TypedOperation<SetStatus>(command.declared.words).operation
      #expect(status.skills == [SkillWeight(skill: "a"), SkillWeight(skill: "b")], "\(words)")
    }
  }

  @Test("an answer is shown in the order in which it came, and steers no terminal")
  func answers() throws {
    func lines(_ json: String) throws -> [String] {
      AnswerPage(value: try #require(ShownValue(json: Array(json.utf8)))).lines
    }
    #expect(try lines("{}") == ["Done."])
    #expect(try lines(#"{"session":"7","agents":["a","b"]}"#) == ["session  7", "agents   a, b"])
    #expect(try lines(#"{"agents":[]}"#) == ["no agents"])
    let table = try lines(
      #"{"agents":[{"id":"kim","skills":[{"skill":"tax","weight":1}],"chats":[]},{"id":"b\u001b[2J","x":null}]}"#
    )
    #expect(table == ["ID     SKILLS  CHATS  X", "kim    tax:1   -      -", "b\u{FFFD}[2J  -       -      -"])
    #expect(ShownValue(json: Array("{".utf8)) == nil)
    let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    _ = ShownValue(json: Array(deep.utf8))
  }
}

extension ClientOperation {
  fileprivate static var allFields: [FieldDescription] { fields.list }
}
