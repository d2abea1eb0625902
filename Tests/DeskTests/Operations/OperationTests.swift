import Foundation
import Kernel
import Testing

@testable import Desk

/// What holds for every operation that is declared.
struct OperationTests {
  private static func json(_ operation: some ClientOperation) -> [UInt8] {
    func write<One: ClientOperation>(_ one: One) -> [UInt8] {
      var buffer = FrameBuffer()
      buffer.append(expected: 256) { writer in
        var isFirst = true
        writer.write(literal: "{")
        One.fields.writeMembers(of: one, isFirst: &isFirst, into: &writer)
        writer.write(literal: "}")
      }
      return buffer.bytes
    }
    return write(operation)
  }

  @Test(
    "every operation is read as it was written, and what is written is JSON",
    arguments: 0..<Operations.all.count)
  func roundTrip(_ place: Int) throws {
    func check<One: ClientOperation>(_ type: One.Type) throws {
      let seed: UInt64 = 20_261_129
      var random = SeededGenerator(seed: seed)
      for round in 0..<300 {
        let written = Self.json(One.fields.sample(&random))
        let about = Comment(rawValue: "\(One.name), seed \(seed), round \(round)")
        _ = try #require(try JSONSerialization.jsonObject(with: Data(written)) as? [String: Any], about)
        let read = try written.withUnsafeBytes { try One.fields.read($0) }
        #expect(Self.json(read) == written, about)
        let bytes = One.fields.encode(read)
        #expect(Self.json(try One.fields.decode(bytes)) == written, about)
        #expect(One.fields.encode(try One.fields.decode(bytes)) == bytes, about)
      }
    }
    try check(Operations.all[place])
  }

  @Test("no two operations have one name or one route, and none has a name that is reserved")
  func names() {
    let names = Operations.all.map { "\($0.name)" }
    #expect(Set(names).count == names.count)
    #expect(
      Set(names).isDisjoint(with: Operations.later.map { "\($0)" } + ["hello", "received", "ping", "pong"]))
    let routes = Operations.all.compactMap { $0.route }
    #expect(Set(routes).count == routes.count)
    for type in Operations.all {
      let fields = type.descriptions
      #expect(Set(fields.map(\.name)).count == fields.count, "\(type.name)")
      #expect(zip(fields, fields.dropFirst()).allSatisfy { $0.number < $1.number }, "\(type.name)")
      for field in type.route?.fields ?? [] {
        #expect(fields.contains { $0.name == field && $0.isRequired }, "\(type.name): \(field)")
      }
      for field in fields {
        #expect(!["type", "id"].contains(field.name), "\(type.name): \(field.name) is of every frame")
        #expect(
          (try? JSONSerialization.jsonObject(with: Data("{\(field.schema)}".utf8))) != nil, "\(field.schema)")
      }
    }
  }

  @Test("a field that has to be there is named when it is missing, null or of another kind")
  func missing() {
    func failure<One: ClientOperation>(_: One.Type, _ text: String) -> Failure? {
      Array(text.utf8).withUnsafeBytes { text in
        do throws(Failure) {
          _ = try One.fields.read(text)
          return nil
        } catch { return error }
      }
    }
    for type in Operations.all {
      for field in type.descriptions where field.isRequired {
        let others = type.descriptions.filter { $0.isRequired && $0.name != field.name }
          .map { #""\#($0.name)":\#(Self.plain($0))"# }
        let rest = others.map { $0 + "," }.joined()
        for wrong in [#""other":1"#, #""\#(field.name)":null"#] {
          #expect(failure(type, "{\(rest)\(wrong)}")?.message == "`\(field.name)` is missing.", "\(type.name)")
        }
        let odd = failure(type, "{\(rest)\"\(field.name)\":{}}")
        #expect(
          odd?.code == .badFrame && odd?.message.hasPrefix("`\(field.name)` must be") == true, "\(type.name)")
      }
      #expect(failure(type, "[]")?.code == .badFrame)
      #expect(failure(type, "{\"x\":1")?.code == .badFrame)
    }
  }

  private static func plain(_ field: FieldDescription) -> String {
    switch (field.name, field.spelling) {
    case ("status", _): "\"online\""
    case ("on", _): "true"
    case ("from", _), ("before", _): "\"2026-11-01\""
    case (_, .text): "\"4096\""
    case (_, .json): "1"
    case (_, .words): "[]"
    }
  }

  @Test("who may not ask for an operation is told who may")
  func roles() {
    for type in Operations.all {
      for role in UserRole.allCases {
        do throws(Failure) {
          try type.check(role)
          #expect(type.allowed.contains(Roles(role)))
        } catch {
          #expect(error.code == .forbidden && error.message.contains("`\(type.name)` is for "))
          #expect(!type.allowed.contains(Roles(role)))
        }
      }
    }
    #expect(Roles.staff.text == "agents, supervisors and admins")
    #expect(Roles.agent.text == "agents alone")
  }

  @Test("of a member that comes twice the last one counts, however its name is written")
  func repeatedMembers() throws {
    let text = #"{"session":"1","s\u0065ssion":"2","reason":"a","reason":"b","more":[1,{"reason":"c"}]}"#
    let close = try Array(text.utf8).withUnsafeBytes { try Close.fields.read($0) }
    #expect(close.session == SessionID(rawValue: 2) && close.reason == "b")
  }

  @Test("attributes are told apart by their bytes, not by how they look")
  func attributesByBytes() throws {
    let text = "{\"attributes\":{\"caf\u{e9}\":1,\"cafe\u{301}\":2}}"
    let open = try Array(text.utf8).withUnsafeBytes { try Open.fields.read($0) }
    #expect(open.attributes.map(\.json) == ["1", "2"])
  }
}

extension ClientOperation {
  fileprivate static var descriptions: [FieldDescription] { fields.list }
}
