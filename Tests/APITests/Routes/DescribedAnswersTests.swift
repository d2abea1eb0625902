import Desk
import Protocol
import Testing

@testable import API

@Suite("The description of every operation")
struct DescribedAnswersTests {
  private static let probes: Set<String> = ["/livez", "/readyz", "/metrics"]

  @Test("names each answer that any request may get")
  func answersOfTheDoor() throws {
    let paths = try #require(json(OpenAPIDocument.text)["paths"] as? [String: [String: [String: Any]]])
    #expect(!paths.isEmpty)
    for (path, operations) in paths {
      for (method, operation) in operations {
        var wanted: Set = ["400", "414"]
        if !Self.probes.contains(path) { wanted.formUnion(["429", "503"]) }
        if operation["requestBody"] != nil { wanted.insert("413") }
        // One may have no part in it, and it may not be there.
        if path.contains("{session}") { wanted.formUnion(["403", "404"]) }
        let described = Set((operation["responses"] as? [String: Any] ?? [:]).keys)
        #expect(wanted.subtracting(described).isEmpty, "\(method) \(path) lacks some of \(wanted.sorted())")
      }
    }
  }

  @Test("names the answer to an expectation that is not met, where one can be stated")
  func unmetExpectations() throws {
    let paths = try #require(json(OpenAPIDocument.text)["paths"] as? [String: [String: [String: Any]]])
    var conditional = 0
    for (path, operations) in paths {
      for (method, operation) in operations {
        let parameters = operation["parameters"] as? [[String: Any]] ?? []
        let body = operation["requestBody"] as? [String: Any]
        let content = body?["content"] as? [String: [String: [String: Any]]]
        let members = content?["application/json"]?["schema"]?["properties"] as? [String: Any] ?? [:]
        let isConditional =
          parameters.contains { $0["$ref"] as? String == "#/components/parameters/IfMatch" }
          || members["expecting"] != nil
        if isConditional { conditional += 1 }
        let described = Set((operation["responses"] as? [String: Any] ?? [:]).keys)
        #expect(described.contains("412") == isConditional, "\(method) \(path)")
      }
    }
    let declared = OperationRoutes.operations.filter { type in
      type.route != nil
        && (type is any SessionOperation.Type || Self.names(of: type).contains("expecting"))
    }
    #expect(conditional == declared.count && conditional > 10)
  }

  private static func names<One: ClientOperation>(of type: One.Type) -> [String] {
    type.fields.list.map(\.name)
  }

  @Test(
    "has the answer to a target that is refused before its route",
    arguments: [("/%29", 400), ("/" + String(repeating: "a", count: 4200), 414), ("/drain?token=x", 400)])
  func refusedTarget(_ ending: String, _ status: Int) async throws {
    try await TestServer.run { server async throws in
      let paths = try #require(json(OpenAPIDocument.text)["paths"] as? [String: [String: [String: Any]]])
      for (path, operations) in paths {
        let target = path.split(separator: "{")[0] + ending.dropFirst()
        for (method, operation) in operations {
          let answer = try await RawClient.request(
            port: server.port, method.uppercased(), String(target), token: TestServer.token())
          #expect(answer.status == status, "\(method) \(target.prefix(80))")
          let described = (operation["responses"] as? [String: Any] ?? [:]).keys
          #expect(described.contains(String(answer.status)), "\(method) \(path): \(answer.status)")
        }
      }
    }
  }

  @Test("has each word of its path as a parameter, once")
  func wordsOfPaths() throws {
    let document = try json(OpenAPIDocument.text)
    let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
    let components = try #require(document["components"] as? [String: [String: Any]])
    let shared = try #require(components["parameters"] as? [String: [String: Any]])
    for (path, operations) in paths {
      let words = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
      for (method, operation) in operations {
        let parameters = (operation["parameters"] as? [[String: Any]] ?? []).compactMap { parameter in
          guard let reference = parameter["$ref"] as? String else { return parameter }
          return shared[String(reference.split(separator: "/").last ?? "")]
        }
        let described = parameters.filter { $0["in"] as? String == "path" && $0["required"] as? Bool == true }
          .compactMap { $0["name"] as? String }
        #expect(described.sorted() == words.map { String($0) }.sorted(), "\(method) \(path)")
      }
    }
  }

  @Test("lists the code of each problem of a control")
  func codesOfControls() throws {
    let document = try json(OpenAPIDocument.text)
    let components = try #require(document["components"] as? [String: [String: [String: Any]]])
    let properties = try #require(components["schemas"]?["Problem"]?["properties"] as? [String: [String: Any]])
    let codes = try #require(properties["code"]?["enum"] as? [String])
    let leader = MemberAddress(id: 2, name: "node2", peerAddress: "h:1", clientURL: "http://h:8102")
    let failures: [ControlFailure] = [
      .notLeader(leader), .notLeader(nil), .elsewhere(leader), .notFound("x"), .busy("x"), .refused("x"),
    ]
    for failure in failures { #expect(codes.contains(ProblemDetails(failure).code), "\(failure)") }
  }
}
