import Raft

/// Names of the files in a store. Numbers are padded, so that names sort as their numbers do.
enum FileNames {
  static let manifest = "store"
  static let lock = "lock"
  /// A segment on its way to being prepared, and a compacted one that is being cleared for its next use.
  static let preparing = "segment.tmp"
  static let recycled = "recycled.tmp"

  static func segment(_ number: UInt64) -> String { "log-\(padded(number)).seg" }

  static func snapshot(index: LogIndex, term: Term) -> String {
    "snapshot-\(padded(index.rawValue))-\(padded(term.rawValue)).snap"
  }

  static func segmentNumber(_ name: String) -> UInt64? {
    guard name.hasPrefix("log-"), name.hasSuffix(".seg") else { return nil }
    return UInt64(name.dropFirst(4).dropLast(4))
  }

  static func snapshotPosition(_ name: String) -> (index: LogIndex, term: Term)? {
    guard name.hasPrefix("snapshot-"), name.hasSuffix(".snap") else { return nil }
    let parts = name.dropFirst(9).dropLast(5).split(separator: "-")
    guard parts.count == 2, let index = UInt64(parts[0]), let term = UInt64(parts[1]) else { return nil }
    return (LogIndex(index), Term(term))
  }

  /// Left behind by a process that died: never part of what is recovered.
  static func isTemporary(_ name: String) -> Bool { name.hasSuffix(".tmp") || name.hasSuffix(".part") }

  private static func padded(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }
}
