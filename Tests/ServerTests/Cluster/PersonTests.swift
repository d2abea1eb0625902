import Foundation
import Testing

/// The program as people use it: in a real pseudo-terminal, and with pipes.
@Suite("People at a terminal", .serialized, .timeLimit(.minutes(20)))
struct PersonTests {
  private static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(
    "lines go to whom they were begun for, are edited, and are told when they are not sent",
    .enabled(if: python != nil))
  func person() async throws {
    let python = try #require(Self.python)
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("OutsideClients/person.py").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments =
      [script, TestCluster.executable, cluster.directory + "/secret"] + cluster.nodes.prefix(3).map(\.url)
    process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.hasSuffix("as a person expects\n"))
  }
}
