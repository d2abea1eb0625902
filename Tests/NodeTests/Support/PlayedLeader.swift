import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

/// Node 2, which leads, and the disk of node 1.
extension LoneNode {
  /// An entry with these commands is committed, and applied here.
  mutating func commit(_ submissions: [Submission]) {
    append([submissions])
    endTurn()
  }

  /// Entries come; the turn goes on.
  mutating func append(_ batches: [[Submission]], isCommitted: Bool = true) {
    let previous = last
    var entries: [Entry] = []
    for submissions in batches {
      timeOfDay += 1
      last = last.next
      let data = CommandCodec.encode(submissions)
      entries.append(
        submissions.isEmpty
          ? Entry(index: last, term: term, time: timeOfDay, kind: .noop)
          : Entry(index: last, term: term, time: timeOfDay, checksum: CRC32C.checksum(data), data: data))
    }
    send(entries, after: previous, commit: isCommitted ? last : previous)
  }

  /// One entry of these very bytes.
  mutating func append(bytes: some Swift.Sequence<UInt8>) {
    let data = Array(bytes)
    let previous = last
    last = last.next
    let entry = Entry(
      index: last, term: term, time: timeOfDay, checksum: CRC32C.checksum(data), data: data)
    send([entry], after: previous)
  }

  /// The group has another configuration: committed, and in effect here.
  mutating func commit(_ membership: Membership) {
    let previous = last
    last = last.next
    let data = membership.encoded()
    send(
      [
        Entry(
          index: last, term: term, time: timeOfDay, kind: .membership, checksum: CRC32C.checksum(data),
          data: data)
      ], after: previous)
    endTurn()
  }

  /// Configurations that were written long ago, each in a frame of its own. All of them were committed before the first comes.
  mutating func receiveMissed(_ memberships: [Membership], writtenAt time: UInt64) {
    let committed = last + memberships.count
    for membership in memberships {
      let previous = last
      last = last.next
      let data = membership.encoded()
      send(
        [
          Entry(
            index: last, term: term, time: time, kind: .membership, checksum: CRC32C.checksum(data), data: data)
        ], after: previous, commit: committed)
      endTurn()
    }
  }

  private mutating func send(_ entries: [Entry], after previous: LogIndex, commit: LogIndex? = nil) {
    receive(
      .append(
        AppendRequest(
          previousIndex: previous, previousTerm: previous == .zero ? .zero : term, commit: commit ?? last,
          entries: entries)))
  }

  /// A message of the leader comes.
  mutating func receive(_ body: Raft.Message.Body) {
    var term = term
    if case .readIndexReply = body { term = .zero }
    take(.peer(.raft([Raft.Message(from: NodeID(2), to: NodeID(1), term: term, body: body)]), from: NodeID(2)))
  }

  /// The leader answers all reads: they may see all that is committed.
  mutating func answerReads() {
    let contexts = asked
    asked = []
    for context in contexts { receive(.readIndexReply(ReadIndexReply(context: context, index: last))) }
    endTurn()
  }

  /// The leader's log goes on without this node, which is to get `state` as a snapshot.
  mutating func snapshot(of state: ReplicatedState, after entries: UInt64 = 10) -> SnapshotChunk {
    last = LogIndex(last.rawValue + entries)
    let bytes = state.encodedSnapshot()
    let meta = SnapshotMeta(
      index: last, term: term, time: timeOfDay, membership: node.raft.membership, size: UInt64(bytes.count),
      checksum: CRC32C.checksum(bytes))
    return SnapshotChunk(meta: meta, offset: 0, data: bytes)
  }

  /// The snapshot comes, is durable, and is read and decoded.
  mutating func install(_ chunk: SnapshotChunk) throws {
    receive(.snapshotChunk(chunk))
    endTurn()
    persist()
    try load(chunk)
    persist()
  }

  /// What the node wants to be read is read.
  mutating func load(_ chunk: SnapshotChunk) throws {
    try #require(loads.last == chunk.meta)
    take(.snapshotLoaded(chunk.meta, try ReplicatedState(snapshot: chunk.data)))
    endTurn()
  }

  // MARK: The disk

  /// It has done all that it was told.
  mutating func persist() {
    while let number = writes.last?.number {
      writes = []
      take(.written(number: number, seconds: 0))
      endTurn()
    }
  }

  /// The last write would have completed a snapshot that is not whole.
  mutating func refuseSnapshot() {
    guard let number = writes.last?.number else { return }
    writes = []
    take(.snapshotRefused(number: number, reason: "its checksum"))
    endTurn()
  }
}
