import Raft
import Testing

/// One member on its own: the test plays all the others, and the disk.
struct Single {
  var raft: RaftNode
  var sent: [Message] = []
  var writes: [Write] = []
  var committed: [Entry] = []
  var reads: [ReadState] = []
  var installed: [SnapshotMeta] = []
  var chunkReads: [ChunkRead] = []

  init(
    _ id: UInt64 = 1, of count: UInt64 = 3, learners: [UInt64] = [], restored: Restored = Restored(),
    configure: (inout RaftConfiguration) -> Void = { _ in }
  ) throws {
    let membership = Membership(
      voters: (1...count).map { NodeID($0) }, learners: learners.map { NodeID($0) })
    var configuration = RaftConfiguration(id: NodeID(id), membership: membership, seed: 1)
    configuration.electionTicks = 10
    configuration.heartbeatTicks = 2
    configuration.snapshotChunkBytes = 4
    configuration.maxRetainedBytes = 0
    configure(&configuration)
    raft = try RaftNode(configuration: configuration, restored: restored)
    absorb()
  }

  /// Takes what is ready; writes stay under way until `persist()`.
  mutating func absorb() {
    let ready = raft.takeReady()
    sent += ready.messages
    if let write = ready.write { writes.append(write) }
    committed += ready.committed
    if let last = ready.committed.last { raft.applied(to: last.index) }
    reads += ready.reads
    if let meta = ready.installed { installed.append(meta) }
    chunkReads += ready.chunkReads
  }

  mutating func receive(_ body: Message.Body, from: UInt64, term: UInt64) {
    raft.step(Message(from: NodeID(from), to: raft.id, term: Term(term), body: body))
    absorb()
  }

  mutating func tick(_ count: Int = 1) {
    for _ in 0..<count {
      raft.tick()
      absorb()
    }
  }

  /// All writes under way end.
  mutating func persist() {
    while !writes.isEmpty { persistOne() }
  }

  mutating func persistOne() {
    guard !writes.isEmpty else {
      Issue.record("no write is under way")
      return
    }
    let write = writes.removeFirst()
    sent += write.messages
    raft.persisted(write.number)
    absorb()
  }

  /// The disk refuses the snapshot, or the part of one, in the oldest write under way.
  mutating func refuseOne() {
    guard !writes.isEmpty else {
      Issue.record("no write is under way")
      return
    }
    raft.snapshotRefused(writes.removeFirst().number)
    absorb()
  }

  /// What has been sent since the last call.
  mutating func take() -> [Message] {
    defer { sent = [] }
    return sent
  }

  /// Makes it the leader of the next term, with pre-votes and votes of node 2; its no-op is under way.
  mutating func lead() {
    tick(20)
    let next = raft.term.next.rawValue
    if raft.role == .preCandidate {
      receive(.voteReply(VoteReply(preVote: true, granted: true)), from: 2, term: next)
    }
    persist()
    if raft.role == .candidate {
      receive(.voteReply(VoteReply(preVote: false, granted: true)), from: 2, term: next)
    }
  }

  mutating func append(
    _ entries: [Entry], after previous: (index: UInt64, term: UInt64), commit: UInt64 = 0, from: UInt64 = 2,
    term: UInt64
  ) {
    receive(
      .append(
        AppendRequest(
          previousIndex: LogIndex(previous.index), previousTerm: Term(previous.term), commit: LogIndex(commit),
          entries: entries)), from: from, term: term)
  }

  mutating func accept(_ index: UInt64, from: UInt64) {
    receive(.appendReply(AppendReply(index: LogIndex(index))), from: from, term: raft.term.rawValue)
  }
}

/// Entries from `first` on with these terms.
func entries(_ terms: UInt64..., from first: UInt64 = 1) -> [Entry] {
  terms.enumerated().map { offset, term in
    Entry(index: LogIndex(first + UInt64(offset)), term: Term(term), time: 5, data: [UInt8(term)])
  }
}

extension [Message] {
  func to(_ id: UInt64) -> [Message] { filter { $0.to == NodeID(id) } }
  var appends: [AppendRequest] {
    compactMap { if case .append(let request) = $0.body { request } else { nil } }
  }
  var appendReplies: [AppendReply] {
    compactMap { if case .appendReply(let reply) = $0.body { reply } else { nil } }
  }
  var voteReplies: [VoteReply] {
    compactMap { if case .voteReply(let reply) = $0.body { reply } else { nil } }
  }
  var voteRequests: [VoteRequest] {
    compactMap { if case .voteRequest(let request) = $0.body { request } else { nil } }
  }
  var heartbeats: [Heartbeat] {
    compactMap { if case .heartbeat(let heartbeat) = $0.body { heartbeat } else { nil } }
  }
  var chunks: [SnapshotChunk] {
    compactMap { if case .snapshotChunk(let chunk) = $0.body { chunk } else { nil } }
  }
  var snapshotReplies: [SnapshotReply] {
    compactMap { if case .snapshotReply(let reply) = $0.body { reply } else { nil } }
  }
}
