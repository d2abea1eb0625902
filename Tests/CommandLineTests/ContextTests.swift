import ArgumentParser
import Foundation
import Testing

@testable import switchboard

struct ContextTests {
  private let environment: [String: String]
  private let file: ContextFile

  init() throws {
    let folder = NSTemporaryDirectory() + "switchboard-context-" + UUID().uuidString
    environment = ["XDG_CONFIG_HOME": folder, "HOME": "/nowhere"]
    file = try ContextFile(environment: environment)
  }

  private func put(_ text: String) throws {
    let folder = (file.path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
  }

  private func sources(_ variables: [String: String] = [:]) -> TargetSources {
    TargetSources(environment: variables, contexts: { try file.read() })
  }

  @Test("a change keeps what this release does not know, and the file is for its owner alone")
  func kept() throws {
    #expect(try file.read().names.isEmpty)
    try put(#"{"later":[1],"contexts":{"a":{"urls":["http://a:1"],"color":"red"}}}"#)
    try file.change { contexts in
      var entry = try contexts.known("a")
      entry.token = "x.y.z"
      try contexts.set("a", entry)
      try contexts.set("b", Contexts.Entry(urls: ["http://b:1"]))
      contexts.current = "a"
    }
    let text = try String(contentsOfFile: file.path, encoding: .utf8)
    for words in ["\"later\"", "\"color\" : \"red\"", "\"current\" : \"a\""] {
      #expect(text.contains(words), "\(text)")
    }
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try file.read().known("a").token == "x.y.z")
    try file.change { contexts in
      let isDeleted = contexts.delete("a")
      #expect(isDeleted)
    }
    #expect(try file.read().current == nil && file.read().names == ["b"])
    let beside = try FileManager.default.contentsOfDirectory(
      atPath: (file.path as NSString).deletingLastPathComponent)
    #expect(beside.sorted() == ["contexts.json", "contexts.json.lock"])
  }

  @Test(
    "what is no file of contexts is told with its place, and stays as it is",
    arguments: [
      ("", "line 1, column 1"), ("{\n \"current\": x}", "line 2, column 13"), ("[]", "no JSON object"),
      (#"{"current":7}"#, "\"current\""), (#"{"contexts":[]}"#, "\"contexts\""),
      (#"{"contexts":{"a":{"urls":[]}}}"#, "\"urls\" of context \"a\""),
      (#"{"contexts":{"a":{"urls":["http://h"],"token":7}}}"#, "\"token\" of context \"a\""),
      (#"{"contexts":{"a":7}}"#, "\"contexts\""),
    ])
  func broken(text: String, words: String) throws {
    try put(text)
    for body in [{ _ = try file.read() }, { try file.change { $0.current = "b" } }] {
      let error = #expect(throws: CommandFailure.self) { try body() }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      #expect(error?.description.contains(file.path) == true)
    }
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == text)
    // Whoever gives addresses needs none.
    var given = sources()
    given.urls = ["http://h:1"]
    #expect(try given.target().urls == ["http://h:1"])
  }

  @Test("two who change it at the same time lose nothing")
  func together() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          let file = try ContextFile(environment: environment)
          try file.change { try $0.set("c\(number)", Contexts.Entry(urls: ["http://h:1"])) }
        }
      }
      try await group.waitForAll()
    }
    #expect(try file.read().names.count == 20)
  }

  @Test(
    "flags come before the environment, that before the context, and that before the cluster of this machine")
  func precedence() throws {
    #expect(try sources().target().urls == NodeAddresses.development)
    let token = file.path + ".token"
    try put(
      """
      {"current":"prod","contexts":{"prod":{"urls":["https://p:1/","https://p:2"],"token_file":"\(token)"},
      "test":{"urls":["http://t:1"],"token":"t.t.t"}}}
      """)
    try Data("p.p.p\n".utf8).write(to: URL(fileURLWithPath: token))
    let prod = try sources().target()
    #expect(prod.urls == ["https://p:1", "https://p:2"] && prod.token == "p.p.p")
    let test = try sources(["SWITCHBOARD_CONTEXT": "test", "SWITCHBOARD_URL": ""]).target()
    #expect(test.urls == ["http://t:1"] && test.token == "t.t.t")
    var flag = sources(["SWITCHBOARD_CONTEXT": "test", "SWITCHBOARD_TOKEN": "e.e.e"])
    flag.context = "prod"
    #expect(try flag.target().urls == prod.urls && flag.target().token == "e.e.e")
    flag.token = "f.f.f"
    flag.urls = ["h:1"]
    #expect(try flag.target().urls == ["http://h:1"] && flag.target().token == "f.f.f")
    // A token is for the addresses that it is kept with, unless somebody says otherwise.
    let elsewhere = try sources(["SWITCHBOARD_URL": "http://e:1, http://e:2"]).target()
    #expect(elsewhere.urls == ["http://e:1", "http://e:2"] && elsewhere.token == nil)
    var named = sources(["SWITCHBOARD_URL": "http://e:1"])
    named.context = "test"
    #expect(try named.target().token == "t.t.t")
    var unknown = sources()
    unknown.context = "nope"
    let error = #expect(throws: CommandFailure.self) { try unknown.target() }
    #expect(error?.description.contains("prod, test") == true)
    let odd = sources(["SWITCHBOARD_TOKEN": "a b"])
    #expect(throws: CommandFailure.self) { try odd.target() }
  }

  @Test(
    "a name is one that needs no quotes",
    arguments: [
      ("prod", true), ("a.b-c_9", true), ("", false), ("-a", false), ("a b", false), ("ä", false),
      (String(repeating: "a", count: 65), false),
    ])
  func names(name: String, isName: Bool) { #expect(Contexts.isName(name) == isName) }
}
