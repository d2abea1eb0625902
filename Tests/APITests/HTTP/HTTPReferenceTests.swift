import Desk
import Foundation
import Protocol
import Testing

@testable import API

@Suite("What is read over HTTP, as it is declared")
struct HTTPReferenceTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/protocol-reference.md")

  @Test("the reference is what follows from the declarations")
  func isCurrent() throws {
    #expect(
      try String(contentsOf: Self.file, encoding: .utf8) == ProtocolReference.text + HTTPReference.text,
      "docs/protocol-reference.md is stale: switchboard reference > docs/protocol-reference.md")
  }

  /// One that is taken. Days are a range.
  private static func word(_ field: any DescribedQueryField) -> String {
    field.schema.contains("[0-9]{4}-") ? (field.name == "before" ? "2026-11-02" : "2026-11-01") : "a"
  }

  @Test("each parameter that is described is read, and no other")
  func parameters() async throws {
    let script = ScriptedCluster.Script(sessions: [SessionID(rawValue: 4096): .example()])
    try await TestServer.run(script) { server async throws in
      let token = try await TestServer.token("root", .admin)
      for query in OpenAPIDocument.queries where query.path != EventRoutes.query.path {
        let path = query.path.replacing(/\{[a-z_]+\}/, with: "4096")
        let needed = query.fields.filter(\.isRequired).map { "\($0.name)=\(Self.word($0))&" }.joined()
        let status = try await server.get("\(path)?\(needed)", token: token).status
        // There is that session, and nothing else of that name.
        let isNobody = status == 404 && query.path.contains("{") && !query.path.contains("{session}")
        #expect(status < 400 || query.unready != nil || isNobody, "\(path)")
        for field in query.fields {
          // Nobody's cursor, no number, no choice and too long a text: known by its name, and refused for its value.
          let word = String(repeating: "%21", count: 1_100)
          let others = query.fields.filter { $0.isRequired && $0.name != field.name }.map {
            "\($0.name)=\(Self.word($0))&"
          }.joined()
          let answer = try await server.get("\(path)?\(others)\(field.name)=\(word)", token: token)
          #expect(answer.status == 400 && answer.body.contains(field.name), "\(path) \(field.name)")
          #expect(!answer.body.contains("not known here"), "\(path) \(field.name)")
        }
        guard !RequestRules.isProbe(path: path), path != DescriptionRoutes.query.path else { continue }
        let answer = try await server.get("\(path)?unheard=1", token: token)
        #expect(answer.status == 400 && answer.body.contains("not known here"), "\(path)")
      }
    }
  }
}
