import Foundation

/// A text that does not stand on the command line: `-` is read from standard input.
enum StandardInput {
  static let sign = "-"
  /// No node takes a longer text.
  static let most = 1 << 20

  /// - Throws: `CommandFailure` when it is longer than `most`, or no UTF-8.
  static func text() throws -> String {
    let data = try FileHandle.standardInput.read(upToCount: most + 1) ?? Data()
    guard data.count <= most else { throw CommandFailure("Standard input has more than \(most) bytes.") }
    guard var text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure("Standard input is no text in UTF-8.")
    }
    // The end of its last line is not part of it.
    if text.hasSuffix("\n") { text.removeLast() }
    return text
  }
}
