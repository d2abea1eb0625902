extension RaftNode {
  /// Tells the trace of a transition, if anyone listens.
  func traced(_ name: @autoclosure () -> String, _ message: Message? = nil) {
    guard let trace else { return }
    trace(
      TraceEvent(
        name: name(), node: id, term: term, vote: vote, commit: commitIndex, role: role,
        lastIndex: log.lastIndex, voters: membership.voters, outgoing: membership.outgoing,
        learners: membership.learners, message: message))
  }

  /// Tells the trace what is on disk: once at the start, and whenever more of it is. It comes before every step that
  /// counts on it, and before every message that promises it leaves.
  func tracedDurable(_ name: String) {
    guard let trace else { return }
    let state = writes.durableState
    trace(
      TraceEvent(
        name: name, node: id, term: state.term, vote: state.vote, commit: state.commit, role: role,
        lastIndex: writes.durableIndex, voters: membership.voters, outgoing: membership.outgoing,
        learners: membership.learners, message: nil))
  }

  /// Hands out a message that may go at once.
  mutating func send(_ message: Message) {
    if trace != nil { traced("Send" + message.traceName, message) }
    handout.messages.append(message)
  }

  mutating func send(_ body: Message.Body, to receiver: NodeID) {
    send(Message(from: id, to: receiver, term: term, body: body))
  }
}

extension Message {
  /// The name of its kind in trace events, after `Send` or `Receive`.
  var traceName: String {
    switch body {
    case .voteRequest: "RequestVoteRequest"
    case .voteReply: "RequestVoteResponse"
    case .append, .heartbeat: "AppendEntriesRequest"
    case .appendReply, .heartbeatReply: "AppendEntriesResponse"
    case .snapshotChunk: "Snapshot"
    case .snapshotReply: "SnapshotResponse"
    case .propose: "Proposal"
    case .readIndex: "ReadIndexRequest"
    case .readIndexReply: "ReadIndexResponse"
    case .timeoutNow: "TimeoutNow"
    case .rejoin: "RejoinRequest"
    case .rejoinReply: "RejoinResponse"
    }
  }
}
