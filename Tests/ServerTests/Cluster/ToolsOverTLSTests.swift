import Certificates
import Foundation
import TestCertificates
import Testing

/// The tools that start, load and break clusters, where clients are served with TLS by an authority of one's own.
@Suite("verify and bench over TLS", .serialized, .timeLimit(.minutes(15)))
struct ToolsOverTLSTests {
  /// Three nodes of the files that `switchboard init` writes, with addresses of their own.
  private final class MadeCluster {
    let scratch: ScratchDirectory
    let port: Int
    private var nodes: [Process] = []

    var ca: String { scratch.path + "/made/ca.pem" }
    var secret: String { scratch.path + "/made/node1/token.secret" }
    var url: String { "https://127.0.0.1:\(port)" }

    init() throws {
      scratch = try ScratchDirectory()
      let ports = try TestCluster.freePorts(2)
      port = ports[0]
      let made = try run([
        "init", "--hosts", "127.0.0.1,127.0.0.2,127.0.0.3", "--client-port", "\(port)", "--peer-port",
        "\(ports[1])", "--directory", "made",
      ])
      guard made.status == 0 else { throw TestFailure(made.output) }
      let begun = try run(["begin"] + files(1))
      guard begun.status == 0 else { throw TestFailure(begun.output) }
      for number in 1...3 {
        let node = Process()
        node.executableURL = URL(fileURLWithPath: TestCluster.executable)
        node.arguments = ["serve"] + files(number)
        for output in [\Process.standardOutput, \.standardError, \.standardInput] {
          node[keyPath: output] = FileHandle.nullDevice
        }
        try node.run()
        nodes.append(node)
      }
    }

    private func files(_ number: Int) -> [String] {
      [
        "--config", "\(scratch.path)/made/node\(number)/switchboard.json", "--data",
        "\(scratch.path)/data\(number)",
      ]
    }

    /// Runs the program once.
    func run(_ arguments: [String]) throws -> (output: String, status: Int32) {
      try Program.run([TestCluster.executable] + arguments, in: URL(fileURLWithPath: scratch.path))
    }

    func stop() {
      for node in nodes where node.isRunning {
        kill(node.processIdentifier, SIGKILL)
        node.waitUntilExit()
      }
    }
  }

  @Test("verify talks to nodes by https, and says what is wrong when it may not believe them")
  func verify() async throws {
    let cluster = try MadeCluster()
    defer { cluster.stop() }
    let (url, ca) = (cluster.url, cluster.ca)
    let common = ["--url", url, "--secret-file", cluster.secret, "--output", cluster.scratch.path + "/out"]
    try await eventually("the nodes are there") {
      try Program.run([TestCluster.executable, "cluster", "status", "--url", url, "--ca", ca]).status == 0
    }
    let done = try cluster.run(
      [
        "verify", "--ca", ca, "--minutes", "0.1", "--customers", "3", "--agents", "2",
        "--only", "transfer", "--only", "drain", "--every", "1", "--json",
      ] + common)
    #expect(done.status == 0, "\(done.output)")
    let start = try #require(done.output.firstRange(of: "\n{"))
    let report = try JSONSerialization.jsonObject(with: Data(done.output[start.lowerBound...].utf8))
    let acks = (report as? [String: Any])?["acks"] as? Int ?? 0
    #expect(acks > 0, "\(done.output)")
    let stranger = try cluster.run(["verify", "--minutes", "0.1"] + common)
    #expect(stranger.status == 2 && stranger.output.contains("--ca FILE"), "\(stranger.output)")
    let wrong = try cluster.run(["verify", "--cluster", url])
    #expect(wrong.status != 0 && wrong.output.contains("--url https://"), "\(wrong.output)")
  }

  @Test("bench measures over TLS, and goes to its end")
  func bench() async throws {
    let authority = try TestAuthority()
    let files = try authority.issue("all")
    let scratch = try ScratchDirectory()
    let done = try Program.run(
      [
        TestCluster.executable, "bench", "--only", "acks", "--only", "leader", "--only", "back", "--seconds",
        "0.2", "--crowd", "6",
        "--kills", "1", "--certificate", files.certificate, "--key", files.key, "--ca",
        authority.path("ca.pem"),
        "--output", scratch.path + "/bench", "--json",
      ])
    #expect(done.status == 0, "\(done.output)")
    #expect(done.output.contains("all are back and have what they missed"), "\(done.output)")
  }
}
