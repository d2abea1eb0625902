import Dispatch
import Foundation

/// A program of the system that does its work in a moment.
struct SystemTool: Sendable {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let path: String

  /// - Returns: nil when it is not installed. Administrators' programs are found without being in `PATH`.
  static func find(_ name: String) -> SystemTool? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let places = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
    return places.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
      .map(SystemTool.init(path:))
  }

  /// - Parameter input: at most as much as a pipe holds, 64 KiB.
  /// - Returns: what it prints.
  @discardableResult
  func run(_ arguments: [String], input: String = "") throws -> String {
    let process = Process()
    let (output, errors, feed) = (Pipe(), Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = feed
    // Before it runs: nobody can be gone who would have to read it.
    try feed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try feed.fileHandleForWriting.close()
    try process.run()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let words = String(decoding: complaint, as: UTF8.self).split(whereSeparator: \.isNewline)
        .joined(separator: "; ")
      let name = URL(fileURLWithPath: path).lastPathComponent
      throw Failure(description: "`\(name) \(arguments.joined(separator: " "))`: \(words)")
    }
    return String(decoding: said, as: UTF8.self)
  }

  /// Runs what waits for such programs where no task has to wait with it.
  static func aside<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
    }
  }
}
