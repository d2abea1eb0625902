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
  /// Written by a newer release, which the owner of the store cannot read; nothing was changed.
  case unreadable(directory: String, what: String)
  /// A record that is whole and that this release has no use for: of another group, or of a kind of later times.
  case unknownRecord(file: String, offset: UInt64, what: String)
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
  /// Nothing readable names the cluster and the node, and the caller did not either.
  case noIdentity(directory: String)
  /// Its node has found that its data is not what its cluster has.
  case stopped(directory: String, reason: String)
  /// The store was closed, or has failed before and takes nothing more.
  case closed

  /// Whether room on the disk, or for the moment a file descriptor or memory of the system, is all that is missing: what
  /// was to be done can be done later, and nothing is lost.
  package var isDiskFull: Bool {
    switch self {
    case .diskFull: true
    case .io("open", _, let code) where Self.meansShortage(code): true
    case .io("list", _, let code) where Self.meansShortage(code): true
    case .io(_, _, let code): Self.meansNoRoom(code) && !isFailedSync
    default: false
    }
  }

  /// Whether something that was written may be lost: never tried again, even when the reason is a lack of room.
  package var isFailedSync: Bool {
    switch self {
    case .io("fsync", _, _), .io("fdatasync", _, _): true
    default: false
    }
  }

  /// Of a call that opens something: what all programs of the machine, or this one, have used up.
  static func meansShortage(_ code: Int32) -> Bool {
    code == EMFILE || code == ENFILE || code == ENOMEM || code == EAGAIN
  }

  static func meansNoRoom(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT }
}

extension StoreError {
  var isNotFound: Bool {
    if case .io("open", _, ENOENT) = self { return true }
    return false
  }
}
