import Desk
import Raft

/// State machines are equal at equal indexes, and give what the oracle expects.
extension Checks {
  /// Indexes at which every node's whole state is compared.
  private static let interval: UInt64 = 64

  func sawProposed(_ batch: [Submission], by node: SimulatedNode, in world: World) {
    for submission in batch {
      guard case .send(let send) = submission.command else { continue }
      if let owner = oracle.owner(of: send.session, send.epoch), owner != node.server {
        fail(
          "node \(node.id) proposes for session \(send.session) under epoch \(send.epoch.rawValue), whose owner is "
            + "\(owner)")
      }
    }
  }

  func sawApplied(
    _ entry: Entry, _ submissions: [Submission], _ effects: [Effect], _ desk: ReplicatedState,
    by node: SimulatedNode
  ) {
    let position = Int(entry.index.rawValue) - 1
    guard committed.indices.contains(position) else { return }
    if let known = committed[position].effects {
      if known != effects {
        fail("entry \(entry.index) has other effects at node \(node.id) than elsewhere")
      }
    } else {
      committed[position].effects = effects
      let problem = oracle.apply(
        submissions, index: entry.index.rawValue, now: desk.now, effects: effects
      ) { desk.owner(of: $0) }
      if let problem { fail("entry \(entry.index): \(problem)") }
      let served = agents.apply(
        submissions, index: entry.index.rawValue, time: entry.time, effects: effects, desk: desk)
      if let served { fail("entry \(entry.index): \(served)") }
      if let problem = audits.apply(effects, index: entry.index.rawValue) {
        fail("entry \(entry.index): \(problem)")
      }
      teams.apply(effects, index: entry.index)
      openSessions.note(entry.index, ofCustomers: oracle.open, ofAgents: agents.served)
    }
    if entry.index.rawValue % Checks.interval == 0 {
      compare(desk.encodedSnapshot(), at: entry.index, by: node)
    }
  }

  /// The state as it is after a snapshot has taken its place.
  func sawInstalled(
    _ meta: SnapshotMeta, _ bytes: [UInt8], _ desk: ReplicatedState, by node: SimulatedNode
  ) {
    if desk.encodedSnapshot() != bytes {
      fail("the state of node \(node.id) is not the snapshot of \(meta.index) that it has installed")
    }
    compare(bytes, at: meta.index, by: node)
  }

  func compare(_ bytes: [UInt8], at index: LogIndex, by node: SimulatedNode) {
    let digest = Digest.of(bytes)
    if let known = stateDigests[index] {
      if known != digest { fail("the state at entry \(index) is another one at node \(node.id)") }
    } else {
      stateDigests[index] = digest
    }
  }
}
