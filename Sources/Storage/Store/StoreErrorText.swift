import Glibc

/// What the operator reads: what was found, and what to do about it.
extension StoreError: CustomStringConvertible {
  package var description: String { remedy.map { "\(finding). \($0)" } ?? finding }

  /// What happened, and to which file; without a full stop.
  package var finding: String {
    switch self {
    case .inUse(let directory):
      return "\(directory) is in use by another process"
    case .otherOwner(let file, let found, let expected):
      return "\(file) belongs to \(found), and this is \(expected)"
    case .formatVersion(let file, let found, let supported):
      let age = found < supported ? "an earlier" : "a later"
      return
        "\(file) has format version \(found), of \(age) release, and this release reads version \(supported)"
    case .unreadable(let directory, let what):
      return "\(directory) holds data of a newer version: \(what)"
    case .unknownRecord(let file, let offset, let what):
      return "\(file) has a whole record at offset \(offset) that cannot be used: \(what)"
    case .damaged(let file, let offset, let what):
      return "\(file) is damaged at offset \(offset): \(what)"
    case .missing(let file, let what):
      return "\(file) is missing: \(what)"
    case .snapshotDamaged(let file, let what):
      return "snapshot \(file) is damaged: \(what)"
    case .snapshotNotProduced(let index, let reason):
      return "the snapshot at index \(index) could not be produced: \(reason)"
    case .chunkOutOfOrder(let index, let offset, let present):
      return
        "a part of the snapshot at index \(index) begins at \(offset), and \(present) bytes of it are there"
    case .writeOutOfOrder(let what):
      return "a write does not follow the log: \(what)"
    case .entryTooLarge(let index, let bytes, let limit):
      return "the entry at index \(index) has \(bytes) bytes, and the largest log segment holds \(limit)"
    case .diskFull(let directory, let free, let needed):
      return "the disk of \(directory) has \(free) bytes free and \(needed) are needed"
    case .io(let operation, let file, let code):
      return "\(operation) of \(file) failed: \(String(cString: strerror(code))) (errno \(code))"
    case .option(let key, let value, let allowed):
      return "\(key) is \(value): allowed is \(allowed)"
    case .stopped(let directory, let reason):
      return "this node has stopped for good with the data in \(directory): \(reason)"
    case .closed:
      return "the store is closed"
    case .noIdentity(let directory):
      return "no file in \(directory) says whose store it is"
    }
  }

  /// What to do about it, in whole sentences; nil when the finding says it.
  package var remedy: String? {
    switch self {
    case .inUse:
      return "Stop the other process, or give this node a directory of its own."
    case .otherOwner(let file, let found, let expected):
      let (directory, name) = Self.split(file)
      if [FileNames.manifest, FileNames.rejoin, FileNames.members, FileNames.beginning].contains(name) {
        return
          "Point this node to its own directory, or start it as \(found). If this file alone was put there by mistake, "
          + "rebuild this node from its peers with `switchboard rebuild --data \(directory) --cluster \(expected.cluster) "
          + "--node \(expected.node)`."
      }
      return
        "If only this file was put there by mistake, bring back this node's own; otherwise point the node to "
        + "its own directory, or rebuild it from its peers with \(Self.rebuild(directory))."
    case .formatVersion(let file, let found, let supported):
      let reader =
        Self.releases[found] ?? (found < supported ? "the release that wrote it" : "that later release")
      return "Run \(reader) on this directory, or rebuild this node from its peers with "
        + "\(Self.rebuild(Self.split(file).directory))."
    case .unknownRecord(let file, _, _):
      return "Run the release that wrote it, or rebuild this node from its peers with "
        + "\(Self.rebuild(Self.split(file).directory))."
    case .damaged(let file, _, _), .missing(let file, _):
      return "This node must not vote with a hole in what it has promised: rebuild it from its peers with "
        + "\(Self.rebuild(Self.split(file).directory))."
    case .snapshotDamaged(let file, _):
      return "A received one is sent anew by itself. For one of this node: start the node again, and an older "
        + "snapshot and the log stand in for it; when they cannot, rebuild the node from its peers with "
        + "\(Self.rebuild(Self.split(file).directory))."
    case .snapshotNotProduced: return "The log is kept in its place, and the next snapshot is tried as usual."
    case .chunkOutOfOrder: return "The transfer begins anew by itself."
    case .writeOutOfOrder: return "This is a defect of the program: start the node again, and report it."
    case .entryTooLarge: return "This is a defect of the program: report it."
    case .diskFull: return "Make room on this disk: the node goes on by itself."
    case .io(_, let file, let code):
      return isFailedSync ? Self.afterFailedSync(file) : Self.advice(code, file)
    case .unreadable: return "Nothing was changed there."
    case .stopped(let directory, _):
      return
        "Nothing but the copy on this disk is wrong: the other nodes have all of it. Rebuild this node from them with "
        + "\(Self.rebuild(directory)), and start it again."
    case .option, .closed: return nil
    case .noIdentity: return "Say which node of which cluster it belongs to."
    }
  }

  /// The releases that read a format, as an operator finds them.
  private static let releases: [UInt32: String] = [1: "a 0.x release of switchboard"]

  private static func rebuild(_ directory: String) -> String { "`switchboard rebuild --data \(directory)`" }

  private static func afterFailedSync(_ file: String) -> String {
    "What was written last may not be on the disk, so this node has stopped and does not try again. Look for errors of "
      + "the disk in the system's log; when the disk is sound, start the node again, and it recovers what is "
      + "there; when it is not, replace it and rebuild the node from its peers with "
      + "\(rebuild(split(file).directory))."
  }

  private static func advice(_ code: Int32, _ file: String) -> String {
    switch code {
    case EACCES, EPERM: "Give the user that runs switchboard the right to read and write there."
    case EROFS: "The file system is mounted read-only: mount it for writing, after looking why it was not."
    case ENOSPC, EDQUOT: "Make room on this disk, or raise the quota."
    case EMFILE, ENFILE: "Raise the limit of open files."
    case ENOTDIR, EISDIR: "Something else is there under this name: move it away."
    default:
      "Look for errors of the disk in the system's log; when it is sound, start the node again, and when it is "
        + "not, replace it and rebuild the node from its peers with \(rebuild(split(file).directory))."
    }
  }

  static func split(_ file: String) -> (directory: String, name: String) {
    guard let slash = file.lastIndex(of: "/") else { return (".", file) }
    return (String(file[..<slash]), String(file[file.index(after: slash)...]))
  }
}
