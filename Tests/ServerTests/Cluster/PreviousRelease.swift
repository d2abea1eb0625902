import Foundation

/// The program of the release before this one.
enum PreviousRelease {
  /// Built when it is not there, which takes minutes; `.ci/run` sees to it before the tests.
  static let binary = Result { try find() }

  private static func find() throws -> String {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { folder.deleteLastPathComponent() }
    let process = Process()
    process.executableURL = folder.appendingPathComponent("scripts/previous")
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let path = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard process.terminationStatus == 0, !path.isEmpty else {
      throw TestFailure("scripts/previous gives no binary of the previous release")
    }
    return path
  }
}
