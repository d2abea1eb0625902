import Foundation

/// The kinds of files that a data directory has. A new kind has to be named here, and damaged by the tests beside.
enum FileKind: String, CaseIterable, Sendable {
  case manifest, members, lock
  case oldestSegment = "oldest segment"
  case newestSegment = "newest segment"
  case preparedSegment = "prepared segment"
  case oldestSnapshot = "oldest snapshot"
  case newestSnapshot = "newest snapshot"
  case catalogue
  case catalogueJournal = "journal of the catalogue"
  case catalogueIndex = "index of the catalogue's journal"
  case month
  case monthJournal = "journal of a month"
  case monthIndex = "index of a month's journal"
  /// What is wrong with it is found when it is attached: see `DetachedMonthTests`.
  case detached = "detached month"

  /// What is tried with it. Of files that are made again at each start it is enough to see that nobody trips over them.
  var damages: [FileDamage] {
    switch self {
    case .lock, .catalogueIndex, .monthIndex: [.flipped, .deleted]
    default: FileDamage.allCases
    }
  }

  /// There for a while, or of no further use: nothing is damaged there.
  private static let passing = [
    "begin", "rejoin", "stopped", "archive.earlier-", "archive/.damaged-",
    "archive/attaching/", ".tmp", ".part", ".snap.damaged",
  ]

  /// - Returns: the path of the file of each kind that is there, and those that are of no kind.
  static func find(in directory: String) throws -> (found: [FileKind: String], unknown: [String]) {
    var found: [FileKind: String] = [:]
    var unknown: [String] = []
    var segments: [String] = []
    var snapshots: [String] = []
    let all = FileManager.default.enumerator(atPath: directory)
    while let name = all?.nextObject() as? String {
      var isFolder: ObjCBool = false
      let path = directory + "/" + name
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      switch name {
      case "store": found[.manifest] = path
      case "members": found[.members] = path
      case "lock": found[.lock] = path
      case "archive/catalogue.sqlite": found[.catalogue] = path
      case "archive/catalogue.sqlite-wal": found[.catalogueJournal] = path
      case "archive/catalogue.sqlite-shm": found[.catalogueIndex] = path
      case _ where name.hasPrefix("log-") && name.hasSuffix(".seg"): segments.append(path)
      case _ where name.hasPrefix("snapshot-") && name.hasSuffix(".snap"): snapshots.append(path)
      case _ where name.hasPrefix("archive/detached/2"): found[.detached] = path
      // The latest one.
      case _ where name.hasPrefix("archive/2") && name.hasSuffix(".sqlite"): Self.keep(path, as: .month, &found)
      case _ where name.hasPrefix("archive/2") && name.hasSuffix("-wal"):
        Self.keep(path, as: .monthJournal, &found)
      case _ where name.hasPrefix("archive/2") && name.hasSuffix("-shm"):
        Self.keep(path, as: .monthIndex, &found)
      case _ where passing.contains(where: { name.contains($0) }): continue
      default: unknown.append(name)
      }
    }
    let used = try segments.sorted().filter { try !isBlank($0) }
    found[.preparedSegment] = try segments.sorted().last { try isBlank($0) }
    (found[.oldestSegment], found[.newestSegment]) = (used.first, used.last)
    (found[.oldestSnapshot], found[.newestSnapshot]) = (snapshots.min(), snapshots.max())
    return (found, unknown)
  }

  private static func keep(_ path: String, as kind: FileKind, _ found: inout [FileKind: String]) {
    found[kind] = max(found[kind] ?? "", path)
  }

  private static func isBlank(_ path: String) throws -> Bool {
    try Data(contentsOf: URL(fileURLWithPath: path)).allSatisfy { $0 == 0 }
  }
}

/// What happens to a file.
enum FileDamage: String, CaseIterable, Sendable {
  case flipped, halved, emptied, deleted
  case ofAnotherNode = "of another node"
  case older

  /// - Parameters:
  ///   - donors: by what is put in its place.
  /// - Returns: false: there is nothing to do it with, or nothing would change.
  func happen(to path: String, donors: [FileDamage: String]) throws -> Bool {
    let url = URL(fileURLWithPath: path)
    let bytes = try Data(contentsOf: url)
    // What is behind it was never written.
    let used = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    switch self {
    case .flipped:
      guard used > 0 else { return false }
      var changed = bytes
      changed[used / 2] ^= 0x10
      try changed.write(to: url)
    case .halved:
      guard used > 1 else { return false }
      try bytes.prefix(used / 2).write(to: url)
    case .emptied:
      guard !bytes.isEmpty else { return false }
      try Data().write(to: url)
    case .deleted: try FileManager.default.removeItem(at: url)
    case .ofAnotherNode, .older:
      guard let donor = donors[self] else { return false }
      let other = try Data(contentsOf: URL(fileURLWithPath: donor))
      guard other != bytes || path.hasSuffix(".sqlite") else { return false }
      try other.write(to: url)
      // Whoever copies such a file has its journal beside it.
      guard path.hasSuffix(".sqlite") else { return true }
      for part in ["-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: path + part)
        try? FileManager.default.copyItem(atPath: donor + part, toPath: path + part)
      }
    }
    return true
  }
}
