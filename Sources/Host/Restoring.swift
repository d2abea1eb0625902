internal import Desk
internal import Node
import Raft
import Storage

extension RestoredNode {
  /// What a node finds on its disk: what the store has recovered, who its cluster is by that, and what the snapshot holds.
  /// What the disk has to say before the node does anything is on it afterwards.
  ///
  /// - Parameter note: is told what the operator should know.
  /// - Throws: `StartFailure` when the file tells another story than the disk; `StoreError`, `SnapshotError`.
  init(_ disk: RecoveredState, in store: DiskStore, file: MembersFile, note: (String) -> Void) throws {
    let start = try StartingMembership(disk, file: file)
    for line in start.notes { note(line) }
    if start.mustBeMarked { try store.beginRejoining() }
    if start.record != disk.record { try store.note(start.record) }
    self.init()
    hardState = disk.hardState
    snapshot = disk.snapshot
    entries = disk.entries
    membership = start.base
    isRejoining = start.isRejoining
    mustMark = disk.opening == .fresh
    wasMarked = start.isRejoining && disk.opening != .fresh
    beginning = start.beginning
    if let meta = disk.snapshot { state = try DeskState(snapshot: store.readSnapshot(meta)) }
  }
}
