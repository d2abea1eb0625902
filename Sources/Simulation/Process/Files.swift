import Node
import Protocol
import Raft

/// What the configuration files of the nodes say. Now and then one is wrong when its node starts; nobody may come to harm by
/// that, and a node that has refused one starts with the right one.
extension World {
  /// A node that there never is.
  private static let nobody = NodeID(77)

  func address(of id: NodeID) -> MemberAddress {
    MemberAddress(
      id: id.rawValue, name: "node\(id)", peerAddress: "10.0.0.\(id):9100",
      clientURL: "http://10.0.0.\(id):8100")
  }

  /// The disks of the first day: empty ones, of which one was told to begin; or those of a cluster of the first releases,
  /// whose members are noted on the disk since the first start under a later one.
  func prepareDisks() {
    let first = nodes.prefix(plan.nodes).map(\.id)
    for node in nodes.prefix(plan.nodes) where !plan.begins {
      node.disk.record = MembersRecord(
        pinned: Membership(voters: first), first: first, file: first, known: first)
    }
    if plan.namesSome { nameSome() }
    guard plan.begins else { return }
    nodes[0].disk.beginning = beginning(of: first)
    // Somebody says it on another node, too, whose file names it alone.
    guard plan.nodes > 2, startDice.chance(permille: 120) else { return }
    tally.faults["begun twice", default: 0] += 1
    beginsAlone(nodes[1 + startDice.below(plan.nodes - 1)])
  }

  /// Each node's file names itself and the next one, so that everybody is found in the end, and others by chance. So the files
  /// of clusters may be that were changed under the first releases, whose disks note none.
  private func nameSome() {
    var fileDice = Dice(seed: seed, stream: 21)
    for node in nodes.prefix(plan.nodes) {
      let next = (node.place + 1) % plan.nodes
      let named = nodes.prefix(plan.nodes).filter { other in
        other.place != node.place && (other.place == next || fileDice.chance(permille: 300))
      }
      node.file = named.map(\.id) + [node.id]
      node.disk.record?.file = []
    }
  }

  /// What `switchboard begin` notes on the first of them.
  func beginning(of members: [NodeID]) -> Membership {
    Membership(
      voters: Array(members.prefix(1)), learners: Array(members.dropFirst()),
      joining: Array(members.dropFirst()),
      addresses: members.map { Membership.Address(id: $0, text: address(of: $0).text) })
  }

  /// Written when the node was set up: the members of that day, and it among them.
  private func rightFile(of node: SimulatedNode) -> [NodeID] {
    if node.file.isEmpty {
      let today =
        node.place < plan.nodes && node.stores == 0 ? nodes.prefix(plan.nodes).map(\.id) : membership.members
      node.file = today.filter { $0 != node.id } + [node.id]
    }
    return node.file
  }

  /// The file that the node starts with this time.
  func fileOfStart(of node: SimulatedNode) -> MembersFile {
    let right = rightFile(of: node)
    node.fileOfStart = right
    if !isCalm, !node.startsWithCare, startDice.chance(permille: 150) {
      switch startDice.below(3) {
      case 0: node.fileOfStart = [node.id]
      case 1: node.fileOfStart.removeAll { $0 == right[startDice.below(right.count)] && $0 != node.id }
      default: node.fileOfStart.append(World.nobody)
      }
      if node.fileOfStart != right { tally.faults["wrong file", default: 0] += 1 }
    }
    node.startsWithCare = false
    return MembersFile(members: node.fileOfStart.map { address(of: $0) }, thisNode: address(of: node))
  }

  /// The node has refused its file: somebody puts it right.
  func refused(_ node: SimulatedNode, _ findings: DiskFindings, _ failure: StartFailure) {
    tally.faults["file refused", default: 0] += 1
    tell("refused", ["node": .number(node.id.rawValue), "reason": .text(failure.description)])
    if node.fileOfStart == node.file {
      // The right one of an earlier day: now it is to say what the node has named.
      let current = findings.newestMembership?.members ?? membership.members
      let corrected = current.filter { $0 != node.id } + [node.id]
      if corrected == node.file {
        if membership.contains(node.id) { fail("node \(node.id) refuses every file: \(failure.description)") }
        return
      }
      node.file = corrected
    }
    node.startsWithCare = true
    schedule(.repair(.restart(node: node.place, life: node.life)), in: 1 + startDice.below(plan.electionTime))
  }

  /// A node that joins goes by its file until it knows its cluster: with a wrong one it waits in vain until somebody looks.
  func looksAtFile(of node: SimulatedNode) {
    guard node.fileOfStart != node.file, node.process?.node.raft.isRejoining == true else { return }
    schedule(
      .repair(.correctFile(node: node.place, life: node.life)), in: startDice.below(10 * plan.electionTime))
  }

  func correctFile(of node: SimulatedNode) {
    guard node.isRunning, node.fileOfStart != node.file, node.process?.node.raft.isRejoining == true else {
      return
    }
    crash(node)
    node.startsWithCare = true
    start(node)
  }

  // MARK: Emptied disks

  /// A disk is lost while the others live. Now and then an operator then says `begin` on it once more: its node begins a
  /// cluster of its own, of the same name.
  func emptyDisk(of node: SimulatedNode) {
    let marked = startDice.chance(permille: 400)
    tally.faults[marked ? "emptied disk, marked" : "emptied disk", default: 0] += 1
    wipe(node, marked: marked)
    guard !marked, membership.identity != nil, startDice.chance(permille: 500) else { return }
    tally.faults["begun again", default: 0] += 1
    beginsAlone(node)
  }

  func beginsAlone(_ node: SimulatedNode) {
    node.file = [node.id]
    node.startsWithCare = true
    node.disk.beginning = beginning(of: node.file)
    node.mayGoAstray = true
    schedule(
      .repair(.gatherIn(node: node.place)), in: plan.electionTime + startDice.below(20 * plan.electionTime))
  }

  func wipe(_ node: SimulatedNode, marked: Bool) {
    node.disk.wipe(marked: marked)
    node.archive = SimulatedArchive()
    node.stores += 1
    node.file = []
    node.isAstray = false
    node.mayGoAstray = false
  }

  /// The cluster that was begun by mistake ends: its node is emptied, and joins.
  func gatherIn(_ node: SimulatedNode) {
    guard node.mayGoAstray else { return }
    let hasBegun = membership.identity != nil
    if node.isRunning { crash(node) }
    wipe(node, marked: hasBegun)
    start(node)
    // Whoever has refused to begin beside it is asked once more.
    guard !hasBegun, nodes[0].isRunning else { return }
    crash(nodes[0])
    start(nodes[0])
  }
}

extension DiskFindings {
  /// That of the log, or of the snapshot.
  fileprivate var newestMembership: Membership? {
    let last = entries.last { $0.kind == .membership }
    return last.flatMap { try? Membership(encoded: $0.data) } ?? snapshot?.membership ?? record?.pinned
  }
}
