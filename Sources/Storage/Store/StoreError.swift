import Glibc

/// What keeps a store from being opened, written or read. `description` says what happened, where, and what to
/// do about it; it is made to be shown to the operator as it is.
package enum StoreError: Error, Hashable, Sendable {
  /// Another process, or another store of this one, holds the directory.
  case inUse(directory: String)
  /// The files belong to another cluster or node.
  case otherOwner(file: String, found: StoreIdentity, expected: StoreIdentity)
  /// Written by a release that this one does not understand.
  case formatVersion(file: String, found: UInt32, supported: UInt32)
  /// Bytes that were durable are wrong or gone: a vote or an acknowledged entry may be lost with them.
  case damaged(file: String, offset: UInt64, what: String)
  /// A file of the log is not there.
  case missing(file: String, what: String)
  /// A snapshot does not equal its own size or checksum. What it was to replace is still in place.
  case snapshotDamaged(file: String, what: String)
  /// The producer of a snapshot's pieces threw.
  case snapshotNotProduced(index: UInt64, reason: String)
  /// A part of a received snapshot does not follow what is there.
  case chunkOutOfOrder(index: UInt64, offset: UInt64, present: UInt64)
  /// Writes that would leave a hole in the log: an error of the caller, and nothing of them is on disk.
  case writeOutOfOrder(what: String)
  /// A single entry that no segment can hold.
  case entryTooLarge(index: UInt64, bytes: Int, limit: Int)
  /// No room, or less free than is to be kept.
  case diskFull(directory: String, free: UInt64, needed: UInt64)
  /// A system call failed.
  case io(operation: String, file: String, code: Int32)
  /// An option is out of its range.
  case option(key: String, value: String, allowed: String)
  /// The store was closed, or has failed before and takes nothing more.
  case closed

  /// Whether room on the disk is all that is missing.
  package var isDiskFull: Bool {
    switch self {
    case .diskFull: true
    case .io(_, _, let code): code == ENOSPC || code == EDQUOT
    default: false
    }
  }
}

extension StoreError: CustomStringConvertible {
  private static let remedy =
    "This node must not vote with a hole in what it has promised: rebuild it from its peers with "
    + "`switchboard rebuild`, or restore the directory from a backup of this node."

  package var description: String {
    switch self {
    case .inUse(let directory):
      return
        "\(directory) is in use by another process: stop that one, or give this node a directory of its own"
    case .otherOwner(let file, let found, let expected):
      return "\(file) belongs to \(found), and this is \(expected): point the node to its own directory"
    case .formatVersion(let file, let found, let supported):
      return "\(file) has format version \(found), and this release reads version \(supported): "
        + "run the release that wrote it, or rebuild the node from its peers with `switchboard rebuild`"
    case .damaged(let file, let offset, let what):
      return "\(file) is damaged at offset \(offset): \(what). \(Self.remedy)"
    case .missing(let file, let what):
      return "\(file) is missing: \(what). \(Self.remedy)"
    case .snapshotDamaged(let file, let what):
      return "snapshot \(file) is damaged: \(what)"
    case .snapshotNotProduced(let index, let reason):
      return "the snapshot at index \(index) could not be produced: \(reason)"
    case .chunkOutOfOrder(let index, let offset, let present):
      return
        "a part of the snapshot at index \(index) begins at \(offset), and \(present) bytes of it are there: "
        + "the transfer has to begin anew"
    case .writeOutOfOrder(let what):
      return "a write does not follow the log: \(what)"
    case .entryTooLarge(let index, let bytes, let limit):
      return "the entry at index \(index) has \(bytes) bytes, and a log segment holds \(limit): "
        + "raise the segment size or lower the limit of a proposal"
    case .diskFull(let directory, let free, let needed):
      return "the disk of \(directory) has \(free) bytes free and \(needed) are needed: make room"
    case .io(let operation, let file, let code):
      return "\(operation) of \(file) failed: \(String(cString: strerror(code))) (errno \(code))"
    case .option(let key, let value, let allowed):
      return "\(key) is \(value): allowed is \(allowed)"
    case .closed:
      return "the store is closed"
    }
  }
}

extension StoreError {
  var isNotFound: Bool {
    if case .io("open", _, ENOENT) = self { return true }
    return false
  }
}
