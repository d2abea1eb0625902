import Archive
import Desk
import Foundation

/// A directory for one test, gone at its end.
final class Place {
  let path: String
  init() {
    path = NSTemporaryDirectory() + "archive-" + UUID().uuidString
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  /// All bytes of all files, for a look whether something is left there.
  /// - Parameter folder: in it; nil: the directory itself, and none of its folders.
  func holds(_ text: String, in folder: String? = nil) -> Bool {
    let place = folder.map { file($0) } ?? path
    let all = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return all.contains { name in
      FileManager.default.contents(atPath: place + "/" + name)?.range(of: Data(text.utf8)) != nil
    }
  }

  /// Turns one bit at each place where a file has these bytes.
  func flip(_ name: String, at text: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file(name)))
    var from = bytes.startIndex
    while let found = bytes.range(of: Data(text.utf8), in: from..<bytes.endIndex) {
      bytes[found.lowerBound] ^= 1
      from = found.upperBound
    }
    try write(bytes, to: name)
  }

  /// In its place, as the disk would: the file stays the same one.
  func write(_ bytes: Data, to name: String) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file(name)))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: bytes)
    try handle.close()
  }
}
