import Foundation
import Testing

@testable import Verifier

@Suite("A cluster that runs already")
struct FoundClusterTests {
  @Test(
    "a node is spoken to by https where its words, its environment or its file name a certificate for clients")
  func schemes() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("found-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try Data(#"{"client": {"tls": {"certificate": "c.pem"}}}"#.utf8).write(
      to: directory.appendingPathComponent("secure.json"))
    try Data(#"{"client": {"threads": 1}}"#.utf8).write(to: directory.appendingPathComponent("plain.json"))
    let kinds: [(words: [String], environment: [String: String], scheme: String)] = [
      ([], [:], "http"), (["--set", "client.tls.certificate=c.pem"], [:], "https"),
      ([], ["SWITCHBOARD_CLIENT_TLS_CERTIFICATE": "c.pem"], "https"),
      (["--config", "secure.json"], [:], "https"),
      (["--config", "plain.json"], [:], "http"),
    ]
    var processes: [Process] = []
    defer { for process in processes { process.terminate() } }
    for (place, kind) in kinds.enumerated() {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      // What the shell reads for ever has the words of a node.
      process.arguments = ["-c", "read line", "serve"] + kind.words + ["--set", "client.port=\(9000 + place)"]
      process.environment = kind.environment
      process.currentDirectoryURL = directory
      process.standardInput = Pipe()
      try process.run()
      processes.append(process)
      try Data("\(process.processIdentifier)\n".utf8).write(
        to: directory.appendingPathComponent("node\(place + 1).pid"))
    }
    let found = try FoundCluster.inRunDirectory(directory.path)
    #expect(
      found.nodes.map(\.url) == kinds.enumerated().map { "\($1.scheme)://127.0.0.1:\(9000 + $0)" })
  }
}
