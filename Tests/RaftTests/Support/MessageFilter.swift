import Raft

/// What the network does with messages of one kind between two members.
struct MessageFilter: Equatable {
  enum Action: String {
    /// It waits.
    case hold
    /// It is lost.
    case drop
    /// It arrives twice.
    case duplicate
    /// It arrives, and a copy of it waits.
    case echo
  }

  let action: Action
  /// nil: all kinds.
  let kind: MessageKind?
  let from: NodeID?
  let to: NodeID?

  init(_ action: Action, _ kind: MessageKind? = nil, from: NodeID? = nil, to: NodeID? = nil) {
    self.action = action
    self.kind = kind
    self.from = from
    self.to = to
  }

  func fits(_ message: Message) -> Bool {
    (kind == nil || kind == MessageKind(message)) && (from == nil || from == message.from)
      && (to == nil || to == message.to)
  }
}

/// The kinds of messages, as tests name them.
enum MessageKind: String, CaseIterable {
  case preVote, preVoteReply, vote, voteReply, append, appendReply, heartbeat, heartbeatReply, chunk,
    chunkReply,
    propose, read, readReply, timeoutNow, rejoin, rejoinReply

  init(_ message: Message) {
    switch message.body {
    case .voteRequest(let request): self = request.preVote ? .preVote : .vote
    case .voteReply(let reply): self = reply.preVote ? .preVoteReply : .voteReply
    case .append: self = .append
    case .appendReply: self = .appendReply
    case .heartbeat: self = .heartbeat
    case .heartbeatReply: self = .heartbeatReply
    case .snapshotChunk: self = .chunk
    case .snapshotReply: self = .chunkReply
    case .propose: self = .propose
    case .readIndex: self = .read
    case .readIndexReply: self = .readReply
    case .timeoutNow: self = .timeoutNow
    case .rejoin: self = .rejoin
    case .rejoinReply: self = .rejoinReply
    }
  }
}
