import Foundation
import TestCertificates
import Testing

/// `switchboard init` as an operator runs it, and a cluster of exactly the files that it writes.
@Suite("A cluster made by switchboard init", .serialized, .timeLimit(.minutes(15)))
struct InitCommandTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func switchboard(_ arguments: [String], _ input: String = "") throws -> (
    output: String, status: Int32
  ) {
    try Program.run([TestCluster.executable] + arguments, in: URL(fileURLWithPath: scratch.path), input)
  }

  @Test("says what to do next, and every command that it names is one")
  func nextSteps() throws {
    let made = try switchboard([
      "init", "--hosts", "10.0.0.1,10.0.0.2,fd00::3", "--cluster", "shop", "--dns", "chat.shop.example",
    ])
    #expect(made.status == 0, "\(made.output)")
    for words in [
      "scp shop-cluster/node1/* root@10.0.0.1:/etc/switchboard/", "root@[fd00::3]:",
      "switchboard begin --config",
      "--url https://10.0.0.1:8101 --ca shop-cluster/ca.pem", "Keep it away from the nodes",
    ] { #expect(made.output.contains(words), "\(words)\n\(made.output)") }
    for line in made.output.split(separator: "\n") {
      guard let start = line.firstRange(of: "switchboard "), !line.contains("Install"), !line.contains("scp"),
        !line.contains("systemctl")
      else { continue }
      let words = line[start.upperBound...].split(separator: " ").prefix { $0.first?.isLetter == true }
      guard let first = words.first, !first.contains("/") else { continue }
      #expect(try switchboard(words.map(String.init) + ["--help"]).status == 0, "\(line)")
    }
    let again = try switchboard(["init", "--hosts", "10.0.0.1", "--cluster", "shop"])
    #expect(again.status != 0 && again.output.contains("nothing in it is written over"), "\(again.output)")
    let wrong = try switchboard(["init", "--hosts", "10.0.0.1,10.0.0.1:8101", "--directory", "wrong"])
    #expect(wrong.status != 0 && wrong.output.contains("is no host"), "\(wrong.output)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/wrong"))
  }

  @Test("passes config check from wherever it is asked, and goes with its files when they are moved")
  func check() throws {
    let ports = try TestCluster.freePorts(2)
    let made = try switchboard([
      "init", "--hosts", "10.0.0.1,10.0.0.2,10.0.0.3", "--client-port", "\(ports[0])", "--peer-port",
      "\(ports[1])", "--data", scratch.path + "/data", "--directory", "made",
    ])
    #expect(made.status == 0, "\(made.output)")
    try FileManager.default.moveItem(atPath: scratch.path + "/made/node2", toPath: scratch.path + "/moved")
    for file in [
      "made/node1/switchboard.json", scratch.path + "/made/node3/switchboard.json", "moved/switchboard.json",
    ] {
      let checked = try switchboard(["config", "check", "--config", file])
      #expect(
        checked.status == 0 && checked.output.hasSuffix("The configuration is good.\n"), "\(checked.output)")
      #expect(!checked.output.contains("warning:") && !checked.output.contains("note:"), "\(checked.output)")
    }
    // Here the paths begin at the folder itself.
    let inside = try Program.run(
      [TestCluster.executable, "config", "check", "--config", "switchboard.json"],
      in: URL(fileURLWithPath: scratch.path + "/moved"))
    #expect(inside.status == 0, "\(inside.output)")
  }

  @Test("serves: three nodes with TLS between them and to their clients, begun as it says")
  func serves() async throws {
    let ports = try TestCluster.freePorts(2)
    let made = try switchboard([
      "init", "--hosts", "127.0.0.1,127.0.0.2,127.0.0.3", "--client-port", "\(ports[0])", "--peer-port",
      "\(ports[1])", "--directory", "made",
    ])
    #expect(made.status == 0, "\(made.output)")
    let ca = scratch.path + "/made/ca.pem"
    func options(_ number: Int) -> [String] {
      [
        "--config", "\(scratch.path)/made/node\(number)/switchboard.json", "--data",
        "\(scratch.path)/data\(number)",
      ]
    }
    let begun = try switchboard(["begin"] + options(1))
    #expect(begun.status == 0, "\(begun.output)")
    var nodes: [Process] = []
    defer {
      for node in nodes where node.isRunning {
        kill(node.processIdentifier, SIGKILL)
        node.waitUntilExit()
      }
    }
    for number in 1...3 {
      let node = Process()
      node.executableURL = URL(fileURLWithPath: TestCluster.executable)
      node.arguments = ["serve"] + options(number)
      let log = "\(scratch.path)/node\(number).log"
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      node.standardError = FileHandle(forWritingAtPath: log)
      node.standardOutput = FileHandle.nullDevice
      node.standardInput = FileHandle.nullDevice
      try node.run()
      nodes.append(node)
    }
    let url = "https://127.0.0.2:\(ports[0])"
    try await eventually("all is well") {
      try switchboard(["cluster", "status", "--url", url, "--ca", ca]).status == 0
    }
    let said = try switchboard(
      [
        "chat", "--role", "customer", "--as", "ben", "--url", url, "--ca", ca, "--secret-file",
        "made/node1/token.secret", "--stay", "2s",
      ], "my bill is wrong\n")
    #expect(said.status == 0 && said.output.contains("✓"), "\(said.output)")
  }
}
