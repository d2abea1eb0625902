import Desk
import Raft

/// A command of a node in its own name, repeated for as long as it takes.
struct OwnCommand {
  var number: UInt64
  var command: Command
  var lastAttempt: Int
}

/// Which agents are connected to a node and what it says of them, as `Replica` does; and what the leader says of time.
extension World {
  var bounds: Bounds { Bounds(limit: 3, grace: UInt64(plan.agentGrace)) }

  // MARK: Connections

  /// An agent talks to a node: on the connection that it has, or on a new one.
  func connect(_ client: Int, to place: Int) {
    let node = nodes[place]
    if let link = clients[client].link, link.place == place, link.life == node.life { return }
    hangUp(client)
    guard node.isRunning else { return }
    links += 1
    lives[links] = node.life
    clients[client].link = SimulatedClient.Link(place: place, life: node.life, number: links)
  }

  /// The agent's connection ends. Its node hears of that, if it lives to hear it.
  func hangUp(_ client: Int) {
    guard let link = clients[client].link, case .agent(let number) = clients[client].kind else { return }
    clients[client].link = nil
    schedule(
      .hungUp(node: link.place, life: link.life, agent: AgentID("a\(number)"), connection: link.number),
      in: 100 + deskDice.below(1_000))
  }

  func hasLost(_ client: Int) -> Bool {
    guard let link = clients[client].link else { return false }
    return nodes[link.place].life != link.life
  }

  func hungUp(_ agent: AgentID, _ connection: UInt64, at node: SimulatedNode) {
    guard node.connected.removeValue(forKey: connection) != nil else { return }
    let item = EndPresences.Item(agent: agent, connection: connection)
    enterOwn(.endPresences(EndPresences(server: node.server, items: [item], bounds: bounds)), at: node)
    comeToAnEnd(node)
  }

  /// A status comes in on a connection that may have ended since.
  func take(_ status: SetAgentStatus, of client: Int, at node: SimulatedNode) -> SetAgentStatus? {
    guard let link = clients[client].link, link.place == node.place, link.life == node.life else { return nil }
    var status = status
    status.presence = Presence(server: node.server, connection: link.number)
    status.grace = status.status == .offline ? bounds.grace : nil
    node.connected[link.number] = status
    return status
  }

  // MARK: In the node's own name

  /// Once per life: presences of the life before are gone.
  func announce(_ node: SimulatedNode) {
    guard !node.isAnnounced, !node.isAnnouncing else { return }
    node.isAnnouncing = true
    enterOwn(.endPresences(EndPresences(server: node.server, items: nil, bounds: bounds)), at: node)
  }

  /// The others took this node for lost while it was not: those of its agents who are missing are still here.
  func restorePresences(_ node: SimulatedNode) {
    guard node.isAnnounced else { return }
    for (_, status) in node.connected.sorted(by: { $0.key < $1.key }) where status.status != .offline {
      guard node.desk.agent(status.agent)?.presences.contains(status.presence) != true else { continue }
      enterOwn(.setStatus(status), at: node)
    }
  }

  private func enterOwn(_ command: Command, at node: SimulatedNode) {
    node.lastRequest += 1
    node.own.append(OwnCommand(number: node.lastRequest, command: command, lastAttempt: now))
    gather(node.lastRequest, command, at: node)
  }

  private func gather(_ number: UInt64, _ command: Command, at node: SimulatedNode) {
    node.gathered.append(Submission(origin: Origin(server: node.server, request: number), command: command))
  }

  func repeatOwn(_ node: SimulatedNode, after patience: Int) {
    node.own.removeAll { own in
      if case .setStatus(let status) = own.command { return !isConnected(status, at: node) }
      return false
    }
    for place in node.own.indices where now - node.own[place].lastAttempt >= patience {
      node.own[place].lastAttempt = now
      gather(node.own[place].number, node.own[place].command, at: node)
    }
  }

  /// Repeated after its connection has gone, a status would bring back a presence that has ended.
  func isConnected(_ status: SetAgentStatus, at node: SimulatedNode) -> Bool {
    node.connected[status.presence.connection] != nil
  }

  func ownAnswered(_ number: UInt64, at node: SimulatedNode) {
    guard let place = node.own.firstIndex(where: { $0.number == number }) else { return }
    guard case .endPresences(let end) = node.own.remove(at: place).command, end.items == nil else { return }
    node.isAnnouncing = false
    // Many go in parts.
    if node.desk.presentCount(on: node.server) == 0 { node.isAnnounced = true } else { announce(node) }
  }

  // MARK: Time

  /// The leader says that time has passed when something is due by it.
  func proposeTime(_ node: SimulatedNode) {
    guard node.raft?.role == .leader, let due = node.desk.nextDeadline,
      due <= max(clock(of: node), node.desk.now)
    else { return }
    if let proposed = node.timeProposedAt, now - proposed < 2 * plan.electionTime { return }
    node.timeProposedAt = now
    node.gathered.append(
      Submission(
        origin: Origin(server: node.server, request: 0), command: .timePasses(TimePasses(limit: 2))))
  }

  // MARK: The end

  /// What is left to be said of agents at a node; nil: nothing.
  func unsettled(_ node: SimulatedNode) -> String? {
    if !node.isAnnounced || !node.own.isEmpty { return "node \(node.id) has not told of its agents" }
    let current = membership
    if let dead = nodes.first(where: {
      !($0.isRunning && current.contains($0.id)) && node.desk.isInvolved($0.server)
    }) {
      return "agents or sessions are still on node \(dead.id), which is down or was removed"
    }
    // A clock that ran ahead may have set a deadline that nobody's clock comes near.
    if let due = node.desk.nextDeadline, let leader, due <= clock(of: leader) + bounds.grace {
      return "chats of agents who are gone are not given back"
    }
    return nil
  }

  /// Who was on a node that died is not there any more.
  func checkPresences(at node: SimulatedNode) {
    for agent in node.desk.agents() {
      for presence in agent.presences {
        let life = nodes[Int(presence.server.rawValue) - 1].life
        if life != lives[presence.connection] {
          fail("agent \(agent.id) is present on node \(presence.server), whose process has died since")
        }
      }
    }
  }
}
