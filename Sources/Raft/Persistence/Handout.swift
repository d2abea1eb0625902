/// What is collected for the next `Ready`, and how far the earlier ones went.
struct Handout: Sendable {
  /// What may go at once.
  var messages: [Message] = []
  /// What may go once all of the state that led to it is on disk.
  var messagesOnceDurable: [Message] = []
  var reads: [ReadState] = []
  var chunkReads: [ChunkRead] = []

  /// A chunk of a received snapshot for the next write.
  var chunk: SnapshotChunk?
  /// A complete snapshot for the next write.
  var snapshot: SnapshotMeta?
  /// A received snapshot is to take the place of the log, and the shell has not been told to install it.
  var installPending = false
  /// That snapshot, once it is durable.
  var installed: SnapshotMeta?
  /// It is not known yet whether the received snapshot is whole.
  var awaitsInstall: Bool { installPending && installed == nil }

  /// The hard state in the newest write.
  var writtenState: HardState
  /// Entries up to here were given out to be written.
  var writtenIndex: LogIndex
  /// A commit index alone is worth a write now and then, not each time.
  var commitWriteDue = false

  /// Entries up to here were given out to be applied.
  var committedIndex: LogIndex
  var status: SoftState?

  init(writtenState: HardState, writtenIndex: LogIndex, committedIndex: LogIndex) {
    self.writtenState = writtenState
    self.writtenIndex = writtenIndex
    self.committedIndex = committedIndex
  }
}

extension RaftNode {
  /// For what promises something about the log or the vote.
  mutating func replyOnceDurable(_ body: Message.Body, to receiver: NodeID) {
    let message = Message(from: id, to: receiver, term: term, body: body)
    if trace != nil { traced("Send" + message.traceName, message) }
    handout.messagesOnceDurable.append(message)
  }

  /// For what promises no more than that this node has entered its term: that is usually on disk already.
  mutating func replyOnceTermIsDurable(_ body: Message.Body, to receiver: NodeID) {
    if writes.durableState.term == term || configuration.mistakes.contains(.termBeforeDurable) {
      send(body, to: receiver)
    } else {
      replyOnceDurable(body, to: receiver)
    }
  }
}
