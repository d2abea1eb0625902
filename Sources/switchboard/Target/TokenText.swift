import Foundation

/// A token as it stands in a file, a variable or a flag.
enum TokenText {
  static let mostBytes = 16 << 10

  /// - Throws: `CommandFailure` that names the file.
  static func read(_ path: String) throws -> String {
    guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: mostBytes + 1)
    else {
      throw CommandFailure("The token's file \(path) cannot be read.")
    }
    return try checked(String(decoding: data, as: UTF8.self), path)
  }

  /// Without the space around it.
  /// - Throws: `CommandFailure` when it can be no token, and would break the line that it stands in.
  static func checked(_ text: String, _ source: String) throws -> String {
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !token.isEmpty, token.utf8.count <= mostBytes, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else {
      throw CommandFailure("\(source) is no token: three parts of letters and digits with dots between them.")
    }
    return token
  }
}
