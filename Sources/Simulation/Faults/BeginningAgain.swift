import Desk
import Node
import Raft

/// A schedule that aims. No more nodes than needed have what is committed; then the disk of one of these is lost, somebody
/// begins a cluster of the same name on it, and the rest of them go for a while. Those who were left behind ask for votes,
/// and the node of the other beginning, whose log is short, would give its own to anybody.
extension World {
  func beginAgainBehindLeader() {
    guard mayLoseDisk, membership.identity != nil, let leader, membership.votes(leader.id) else { return }
    var others = membership.voters.filter { $0 != leader.id }.compactMap { node($0) }
    guard others.allSatisfy(\.isUp) else { return }
    startDice.shuffle(&others)
    let count = membership.voters.count
    network.heal()
    for node in others.prefix(count - (count / 2 + 1)) { network.isolate(node.place) }
    // What those who were left behind do not have.
    for _ in 0..<startDice.draw(1...5) {
      leader.process?.node.propose(.serverLost(ServerLost(server: leader.server, heirs: [])))
      endTurn(leader)
      if !leader.isUp { return }
    }
    guard let loser = others.last else { return }
    schedule(
      .repair(.beginAgain(node: loser.place, life: loser.life, leader: leader.place)),
      in: plan.electionTime / 2 + startDice.below(plan.electionTime))
  }

  func beginAgain(_ node: SimulatedNode, life: Int, leader: SimulatedNode) {
    network.heal()
    guard !isCalm, node.life == life, node.isRunning, mayLoseDisk, membership.votes(node.id), leader.isUp,
      let raft = leader.raft, raft.role == .leader
    else { return }
    let commit = raft.commitIndex
    let ahead = membership.voters.compactMap { self.node($0) }.filter {
      $0.isUp && $0.place != node.place && $0.raft?.lastIndex ?? .zero >= commit
    }
    tally.faults["begun again, and others go", default: 0] += 1
    crash(node)
    rebuilding = node.id
    wipe(node, marked: false)
    beginsAlone(node)
    start(node)
    for other in ahead {
      crash(other)
      schedule(
        .repair(.restart(node: other.place, life: other.life)),
        in: 6 * plan.electionTime + startDice.below(6 * plan.electionTime))
    }
  }
}
