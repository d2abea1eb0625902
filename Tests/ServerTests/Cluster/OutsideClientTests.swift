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
    let python = try #require(Self.python)
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("OutsideClients/bot.py").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [
      script, "127.0.0.1", String(cluster.nodes[leader - 1].clientPort), cluster.directory + "/secret",
    ]
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
