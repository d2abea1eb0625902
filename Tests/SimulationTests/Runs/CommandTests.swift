import Foundation
import Testing

/// The command itself, in processes of its own: `Hashable` has another seed in each of them.
@Suite struct CommandTests {
  @Test("the same seed is the same story in every process")
  func sameStory() throws {
    let first = try simulate("--seeds", "1", "--from", "3", "--trace")
    let second = try simulate("--seeds", "1", "--from", "3", "--trace")
    #expect(first.status == 0)
    #expect(first.output.count > 10_000)
    #expect(first.output == second.output)
  }

  @Test("a violation is told with how to replay it, and ends with an error")
  func violation() throws {
    let run = try simulate("--seeds", "3", "--from", "1", "--jobs", "1", "--mistake", "messages-before-sync")
    #expect(run.status == 1)
    #expect(String(decoding: run.output, as: UTF8.self).contains("--trace --mistake messages-before-sync"))
  }

  @Test("fuzzing begins at the seed that is asked for")
  func fuzzing() throws {
    let run = try simulate("fuzz", "--inputs", "1", "--from", "77")
    #expect(run.status == 0)
    #expect(String(decoding: run.output, as: UTF8.self).hasPrefix("seed 77\n"))
  }

  /// Runs the program that was built beside the tests.
  private func simulate(_ arguments: String...) throws -> (status: Int32, output: Data) {
    let process = Process()
    let url: URL = try #require(program)
    process.executableURL = url
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, data)
  }

  private var program: URL? {
    let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    return [built, built.deletingLastPathComponent()].map { $0.appendingPathComponent("simulate") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}
