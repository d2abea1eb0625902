internal import Desk
internal import Node
import Raft
import Storage

extension DiskFindings {
  init(_ disk: RecoveredState) {
    let opening: Opening =
      switch disk.opening {
      case .fresh: .fresh
      case .rejoining: .rejoining
      case .restored: .restored
      }
    self.init(
      opening: opening, hardState: disk.hardState, snapshot: disk.snapshot, entries: disk.entries,
      beginning: disk.beginning, record: disk.record)
  }
}

extension RestoredNode {
  /// What a node finds on its disk, by what `StartDecision` makes of it. What the disk has to say before the node does
  /// anything is on it afterwards.
  ///
  /// - Parameter note: is told what the operator should know.
  /// - Throws: `StartFailure` when the file tells another story than the disk; `StoreError`, `SnapshotError`.
  init(_ disk: RecoveredState, in store: DiskStore, file: MembersFile, note: (String) -> Void) throws {
    let findings = DiskFindings(disk)
    let start = try StartDecision(findings, file: file)
    for line in start.notes { note(line) }
    if start.mustBeMarked { try store.beginRejoining() }
    if start.record != disk.record { try store.note(start.record) }
    let state =
      try disk.snapshot.map { try ReplicatedState(snapshot: store.readSnapshot($0)) } ?? ReplicatedState()
    self = start.restored(findings, state: state)
  }
}
