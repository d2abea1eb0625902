import Raft

/// Names of the files in a store. Numbers are padded, so that names sort as their numbers do. A name counts as a
/// store's only when it is spelled exactly as the store spells it: whatever else is in the directory is foreign, and
/// is neither read nor taken away.
enum FileNames {
  static let manifest = "store"
  static let lock = "lock"
  static let rejoin = "rejoin"
  static let beginning = "begin"
  static let members = "members"
  static let stopped = "stopped"
  /// A segment on its way to being prepared, and a compacted one that is being cleared for its next use.
  static let preparing = "segment.tmp"
  static let recycled = "recycled.tmp"
  /// What is added to the name of a snapshot that is set aside.
  static let damaged = ".damaged"

  static func segment(_ number: UInt64) -> String { "log-\(padded(number)).seg" }

  static func snapshot(index: LogIndex, term: Term) -> String {
    "snapshot-\(padded(index.rawValue))-\(padded(term.rawValue)).snap"
  }

  static func segmentNumber(_ name: String) -> UInt64? {
    guard name.hasPrefix("log-"), name.hasSuffix(".seg"), let number = UInt64(name.dropFirst(4).dropLast(4)),
      segment(number) == name
    else { return nil }
    return number
  }

  static func snapshotPosition(_ name: String) -> (index: LogIndex, term: Term)? {
    guard name.hasPrefix("snapshot-"), name.hasSuffix(".snap") else { return nil }
    let parts = name.dropFirst(9).dropLast(5).split(separator: "-")
    guard parts.count == 2, let index = UInt64(parts[0]), let term = UInt64(parts[1]),
      snapshot(index: LogIndex(index), term: Term(term)) == name
    else { return nil }
    return (LogIndex(index), Term(term))
  }

  /// Left behind by a process that died: never part of what is recovered.
  static func isTemporary(_ name: String) -> Bool {
    guard name.hasSuffix(".tmp") || name.hasSuffix(".part") else { return false }
    return [
      preparing, recycled, manifest + ".tmp", rejoin + ".tmp", beginning + ".tmp", members + ".tmp",
      stopped + ".tmp",
    ]
    .contains(name)
      || name.hasPrefix("snapshot-")
  }

  static func isSetAside(_ name: String) -> Bool {
    name.hasPrefix("snapshot-") && name.contains(".snap" + damaged)
  }

  /// Whether a store has made the file, and may move it.
  static func isOurs(_ name: String) -> Bool {
    [manifest, lock, rejoin, beginning, members, stopped].contains(name) || segmentNumber(name) != nil
      || snapshotPosition(name) != nil
      || isTemporary(name) || isSetAside(name)
  }

  private static func padded(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }
}
