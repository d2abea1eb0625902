import Desk
import Raft

/// Linearizable reads (dissertation, section 6.4): all of one turn share one ReadIndex request.
extension World {
  func startReads(_ node: SimulatedNode) {
    guard !node.waitingReads.isEmpty else { return }
    if mistake == .readWithoutBarrier {
      let reads = node.waitingReads
      node.waitingReads = []
      for read in reads { serve(read, at: node) }
      return
    }
    node.lastContext += 1
    guard node.raft?.readIndex(context: node.lastContext) == true else { return }
    node.readRounds.append(ReadRound(context: node.lastContext, reads: node.waitingReads, since: now))
    node.waitingReads = []
  }

  func confirm(_ read: ReadState, at node: SimulatedNode) {
    guard let round = node.readRounds.firstIndex(where: { $0.context == read.context }) else { return }
    node.readRounds[round].index = read.index
  }

  func runReads(_ node: SimulatedNode) {
    guard !node.readRounds.isEmpty else { return }
    var readable: [WaitingRead] = []
    node.readRounds.removeAll { round in
      guard let index = round.index, index <= node.appliedIndex || mistake == .readBeforeApply else {
        return false
      }
      readable += round.reads
      return true
    }
    for read in readable { serve(read, at: node) }
  }

  private func serve(_ read: WaitingRead, at node: SimulatedNode) {
    guard case .read(let session) = read.request.wish else { return }
    tally.reads += 1
    guard node.desk.owner(of: session) != nil else {
      // The client knows the session from an answer, so whoever is up to date knows it as well.
      return reply(node, read.request, .read([-1]))
    }
    let messages = node.desk.messages(session, after: .zero, limit: .max)
    reply(node, read.request, .read(messages.map { Int($0.id) ?? 0 }))
  }
}
