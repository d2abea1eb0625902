import Desk
import Logging
import NIOCore
import Peering
import Raft
import Wire

/// The leader's judgement of who is gone. Every node keeps the times; only the leader acts on them.
struct ServerWatch {
  private struct Contact {
    var downSince: NIODeadline?
    /// The last attempt to connect was refused: nothing listens there, so the process is gone.
    var refused = false
    var declaredAt: NIODeadline?
  }

  private var contacts: [NodeID: Contact] = [:]
  private var since = NIODeadline.uptimeNanoseconds(0)

  /// This node leads from now on; silence counts from here, for it heard from nobody as a follower.
  mutating func begin(_ now: NIODeadline) {
    since = now
  }

  mutating func linkUp(_ peer: NodeID) {
    contacts[peer] = Contact()
  }

  mutating func linkDown(_ peer: NodeID, refused: Bool, at now: NIODeadline) {
    if contacts[peer, default: Contact()].downSince == nil {
      contacts[peer, default: Contact()].downSince = now
    }
    if refused { contacts[peer, default: Contact()].refused = true }
  }

  /// Not again for a second: the command takes its time.
  mutating func mayDeclare(_ peer: NodeID, now: NIODeadline) -> Bool {
    if let declared = contacts[peer]?.declaredAt, now - declared < .seconds(1) { return false }
    contacts[peer, default: Contact()].declaredAt = now
    return true
  }

  func downSince(_ peer: NodeID) -> NIODeadline? { contacts[peer]?.downSince }

  /// Whether the leader should declare the peer lost now. Not again for a second: the command takes its time.
  ///
  /// - Parameter isConnected: this node can send to it.
  mutating func isLost(
    _ peer: NodeID, isConnected: Bool, lastHeard: NIODeadline?, now: NIODeadline, patience: ServerPatience
  ) -> Bool {
    let silentSince = max(lastHeard ?? since, since)
    let isSilent = now - silentSince > .milliseconds(Int64(patience.silence))
    // One of two connections may end and come back; who can be reached and is heard from is not lost.
    if isConnected, !isSilent { contacts[peer, default: Contact()].downSince = nil }
    let contact = contacts[peer, default: Contact()]
    let lost: Bool
    if let down = contact.downSince {
      let bearable = contact.refused ? patience.refused : patience.disconnect
      lost = now - down > .milliseconds(Int64(bearable))
    } else {
      lost = isSilent
    }
    guard lost else { return false }
    return mayDeclare(peer, now: now)
  }
}

extension ReplicaCore {
  /// The leader gives the sessions of a lost server to the others.
  func watchServers() {
    guard raft.role == .leader else { return }
    var heirs = members.map { ServerID($0.id) }
    var lost: [ServerID] = []
    for member in members where member.id != server.rawValue {
      let peer = NodeID(member.id)
      if watch.isLost(
        peer, isConnected: network.isConnected(peer), lastHeard: network.lastContact(of: peer), now: now,
        patience: options.patience)
      {
        lost.append(ServerID(member.id))
      } else if notices[peer].map({ $0.notice.diskIsFull || $0.notice.isDraining }) ?? false,
        watch.mayDeclare(peer, now: now)
      {
        // It serves nobody before there is room on its disk, or is about to go.
        lost.append(ServerID(member.id))
      }
      if !canOwn(peer) { heirs.removeAll { $0.rawValue == member.id } }
    }
    // Sessions of a node that is no longer a member.
    for owner in desk.ownedCounts.keys.sorted() where !members.contains(where: { $0.id == owner.rawValue }) {
      if watch.mayDeclare(NodeID(owner.rawValue), now: now) { lost.append(owner) }
    }
    for server in lost where desk.isInvolved(server) {
      let command = ServerLost(server: server, heirs: heirs.filter { $0 != server })
      logger.warning("a server is lost; its sessions move", metadata: ["server": "\(name(of: server))"])
      gathered.add(Submission(origin: Origin(server: self.server, request: 0), command: .serverLost(command)))
    }
  }
}

extension DeskState {
  /// Whether sessions or agents' presences are on that server.
  fileprivate func isInvolved(_ server: ServerID) -> Bool {
    if ownedCount(of: server) > 0 { return true }
    return agents().contains { $0.presences.contains { $0.server == server } }
  }
}
