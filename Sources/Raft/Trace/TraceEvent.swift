/// One transition of one member, in the shape of the events that etcd's Raft gives to its TLA+ specification, so
/// that a checker written for those can be run over this implementation.
package struct TraceEvent: Sendable {
  /// For instance `BecomeLeader`, `Commit`, `SendAppendEntriesRequest`, `ReceiveRequestVoteResponse`. In `InitState`, the
  /// first of a process, and in `Ready`, term, vote, commit index and last index are those on disk.
  package let name: String
  package let node: NodeID
  /// The state after the transition.
  package let term: Term
  package let vote: NodeID?
  package let commit: LogIndex
  package let role: Role
  package let lastIndex: LogIndex
  package let voters: [NodeID]
  package let outgoing: [NodeID]
  package let learners: [NodeID]
  /// What was sent or received.
  package let message: Message?

  /// One line of NDJSON, without the line break.
  package var json: String {
    var text = #"{"tag":"trace","event":{"name":"\#(name)","nid":"\#(node)","#
    text += #""state":{"term":\#(term),"vote":"\#(vote?.rawValue ?? 0)","commit":\#(commit)},"#
    text += #""role":"\#(TraceEvent.name(of: role))","log":\#(lastIndex),"#
    text += #""conf":[\#(TraceEvent.list(voters)),\#(TraceEvent.list(outgoing))]"#
    if !learners.isEmpty { text += #","learners":\#(TraceEvent.list(learners))"# }
    if let message { text += #","msg":{\#(TraceEvent.fields(of: message))}"# }
    return text + "}}"
  }

  private static func list(_ ids: [NodeID]) -> String {
    "[" + ids.map { "\"\($0)\"" }.joined(separator: ",") + "]"
  }

  private static func name(of role: Role) -> String {
    switch role {
    case .follower, .learner: "StateFollower"
    case .preCandidate: "StatePreCandidate"
    case .candidate: "StateCandidate"
    case .leader: "StateLeader"
    }
  }

  private static func fields(of message: Message) -> String {
    var text = #""type":"\#(TraceEvent.type(of: message.body))","term":\#(message.term),"#
    text += #""from":"\#(message.from)","to":"\#(message.to)""#
    switch message.body {
    case .voteRequest(let request):
      text += #","index":\#(request.lastIndex),"logTerm":\#(request.lastTerm)"#
    case .voteReply(let reply): text += #","reject":\#(!reply.granted)"#
    case .append(let request):
      text += #","index":\#(request.previousIndex),"logTerm":\#(request.previousTerm),"#
      text += #""commit":\#(request.commit),"entries":\#(request.entries.count)"#
    case .appendReply(let reply):
      text += #","index":\#(reply.index),"reject":\#(reply.rejected)"#
      if reply.rejected { text += #","rejectHint":\#(reply.hintIndex),"logTerm":\#(reply.hintTerm)"# }
    case .heartbeat(let heartbeat): text += #","commit":\#(heartbeat.commit),"context":\#(heartbeat.readRound)"#
    case .heartbeatReply(let reply): text += #","context":\#(reply.readRound)"#
    case .snapshotChunk(let chunk):
      text += #","index":\#(chunk.meta.index),"logTerm":\#(chunk.meta.term),"offset":\#(chunk.offset)"#
    case .snapshotReply(let reply):
      text += #","index":\#(reply.index),"offset":\#(reply.offset),"installed":\#(reply.installed)"#
    case .propose(let payloads): text += #","entries":\#(payloads.count)"#
    case .readIndex(let request): text += #","context":\#(request.context)"#
    case .readIndexReply(let reply): text += #","context":\#(reply.context),"index":\#(reply.index)"#
    case .rejoinReply(let reply): text += #","index":\#(reply.index)"#
    case .timeoutNow, .rejoin: break
    }
    return text
  }

  private static func type(of body: Message.Body) -> String {
    switch body {
    case .voteRequest(let request): request.preVote ? "MsgPreVote" : "MsgVote"
    case .voteReply(let reply): reply.preVote ? "MsgPreVoteResp" : "MsgVoteResp"
    case .append: "MsgApp"
    case .appendReply: "MsgAppResp"
    case .heartbeat: "MsgHeartbeat"
    case .heartbeatReply: "MsgHeartbeatResp"
    case .snapshotChunk: "MsgSnap"
    case .snapshotReply: "MsgSnapStatus"
    case .propose: "MsgProp"
    case .readIndex: "MsgReadIndex"
    case .readIndexReply: "MsgReadIndexResp"
    case .timeoutNow: "MsgTimeoutNow"
    case .rejoin: "MsgRejoin"
    case .rejoinReply: "MsgRejoinResp"
    }
  }
}
