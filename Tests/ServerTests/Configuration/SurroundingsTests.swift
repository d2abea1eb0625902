import Foundation
import Protocol
import Testing

@testable import Server

@Suite("A configuration among other things")
struct SurroundingsTests {
  private func problem(_ json: String) -> String {
    do {
      _ = try ConfigurationFile(path: "node.json", data: Data(json.utf8))
      return ""
    } catch {
      return error.description
    }
  }

  @Test("what is no JSON is told with its line, its column and the reason")
  func position() {
    #expect(problem("{\n  \"a\": 1,\n  \"b\" 2}").contains("line 3, column 7: a colon is expected"))
    #expect(problem("{\"\u{e4}\u{1f600}\": 1,}").contains("line 1, column 10:"))
    #expect(problem("{\"a\": tru}").contains("line 1, column 10:"))
    #expect(problem("{\n// no\n}").contains("line 2, column 1:"))
    #expect(problem("{}\n\n}").contains("line 3, column 1: there is something behind"))
    #expect(problem("").contains("line 1, column 1:"))
    #expect(problem("\u{feff}{}").contains("byte order mark"))
    #expect(
      FileFault(in: Data("{}\n{\u{e9}".utf8.dropLast()))?.description
        == "line 2, column 1: this line is not UTF-8")
    #expect(FileFault(in: Data("{\"a\": [1, {\"b\": null}]}\n".utf8)) == nil)
  }

  @Test("variables that Kubernetes sets for a Service are no settings, and say so where they stand in the way")
  func services() throws {
    let environment = [
      "SWITCHBOARD_CLIENT_PORT": "tcp://10.0.0.7:8101", "SWITCHBOARD_CLIENT_SERVICE_HOST": "10.0.0.7",
      "SWITCHBOARD_CLIENT_SERVICE_PORT": "8101", "SWITCHBOARD_CLIENT_SERVICE_PORT_WS": "8101",
      "SWITCHBOARD_CLIENT_PORT_8101_TCP": "tcp://10.0.0.7:8101",
      "SWITCHBOARD_CLIENT_PORT_8101_TCP_ADDR": "10.0.0.7", "SWITCHBOARD_PORT": "tcp://10.0.0.8:8101",
      "SWITCHBOARD_PEER_PORT": "udp://10.0.0.9:9101", "SWITCHBOARD_LIMIT_BURST": "1",
    ]
    let tests = try ConfigurationTests()
    let loaded = try tests.load(tests.valid, environment: environment)
    #expect(loaded.configuration.clientListen.port == 8101)
    #expect(loaded.configuration.peerListen.port == 9101)
    #expect(loaded.warnings.count { $0.contains("Kubernetes") } == 2)
    #expect(loaded.warnings.count { $0.contains("has no effect") } == 3)
    // With a port it is a setting, as ever.
    let port = try tests.load(tests.valid, environment: ["SWITCHBOARD_CLIENT_PORT": "8777"])
    #expect(port.configuration.clientListen.port == 8777)
  }

  @Test(
    "a client's address has a port or none, a path or none",
    arguments: [
      "http://a:1", "https://chat.example.com", "https://chat.example.com/", "http://[::1]/x",
      "https://a:443/b/c-d/",
      "https://a/%7Eb",
    ])
  func addresses(_ text: String) {
    #expect(MemberAddress.isClientURL(text))
    #expect(MemberAddress.isClientURL(MemberAddress.trimmedURL(text)))
    #expect(!MemberAddress.trimmedURL(text).hasSuffix("/"))
  }

  @Test(
    "and nothing else",
    arguments: [
      "a:1", "ftp://a:1", "http://", "http:///x", "http://a:0", "http://a:65536", "http://a:1:2", "http://a/?x",
      "http://a/#x", "http://a b", "http://u@a", "javascript:alert(1)", "http://a/../b", "http://a/\n",
      "http://a/\"", "http://a/<", "http://::1/", "http://a/" + String(repeating: "x", count: 300),
    ])
  func noAddresses(_ text: String) { #expect(!MemberAddress.isClientURL(text)) }
}
