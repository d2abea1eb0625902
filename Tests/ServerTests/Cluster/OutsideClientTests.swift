import Foundation
import Testing

/// Clients that know the protocol from its page alone.
@Suite("Clients from outside", .serialized, .timeLimit(.minutes(15)))
struct OutsideClientTests {
  private static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test("a bot that is written from the page of the protocol finds what it says", .enabled(if: python != nil))
  func bot() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    try expectAsThePageSays(
      "bot.py", ["127.0.0.1", String(cluster.nodes[leader - 1].clientPort), cluster.directory + "/secret"])
  }

  @Test("binary frames, written from the page of the protocol, on two nodes", .enabled(if: python != nil))
  func binary() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try expectAsThePageSays(
      "binary.py",
      [cluster.directory + "/secret"] + cluster.nodes.prefix(2).map { "127.0.0.1:\($0.clientPort)" })
  }

  private func expectAsThePageSays(_ name: String, _ arguments: [String]) throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("OutsideClients/\(name)").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.python))
    process.arguments = [script] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.hasSuffix("as the page says\n"))
  }
}
