import Foundation
import Testing

@testable import Server

@Suite("files of the project that depend on the configuration")
struct ProjectFilesTests {
  /// The package's folder, found from this very file.
  var root: String {
    var url = URL(fileURLWithPath: #filePath)
    while url.path != "/", !FileManager.default.fileExists(atPath: url.appendingPathComponent("cluster").path) {
      url.deleteLastPathComponent()
    }
    return url.path
  }

  @Test("the development configurations are good and agree with one another", arguments: 1...3)
  func development(node: Int) throws {
    let directory = try ScratchDirectory()
    let secret = try directory.write("secret", String(repeating: "s", count: 64))
    let key = try directory.write("key", String(repeating: "0f", count: 32))
    let pem = try directory.write("pem", "x")
    let loaded = try ServerConfiguration.load(
      file: "\(root)/cluster/node\(node).json",
      flags: [
        "jwt.secret_file": secret, "peer.tls.certificate": pem, "peer.tls.key": pem, "peer.tls.ca": pem,
        "gossip.key_file": key,
      ], environment: [:])
    let configuration = loaded.configuration
    #expect(configuration.nodeID == UInt64(node))
    #expect(configuration.clientListen.port == 8100 + node)
    #expect(configuration.peerListen.port == 9100 + node)
    #expect(configuration.thisMember?.client == "http://127.0.0.1:\(8100 + node)")
    #expect(configuration.thisMember?.peer == "127.0.0.1:\(9100 + node)")
    #expect(configuration.members.map(\.id) == [1, 2, 3])
    #expect(configuration.dataDirectory == ".run/node\(node)")
  }

  @Test("docs/configuration.md has every key with its default and its environment name")
  func documentation() throws {
    let text = try String(contentsOfFile: "\(root)/docs/configuration.md", encoding: .utf8)
    for setting in SettingCatalog.all {
      let line = try #require(
        text.split(separator: "\n").first { $0.hasPrefix("| `\(setting.key)`") }, "\(setting.key) is missing")
      #expect(line.contains("`\(setting.environmentName)`"), "\(setting.key)")
      if let fallback = setting.fallback, !fallback.isEmpty {
        #expect(line.contains("| `\(fallback)` |"), "\(setting.key)")
      }
    }
  }
}
