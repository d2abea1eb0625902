import Desk
import Kernel
import Protocol
import Raft

/// Who of a session is connected, past the log: each node reports to the owners of the sessions that are followed on
/// it, an owner tells those nodes the whole list, and each node shows its own clients what has changed by it. Both sides
/// take the newest for the truth, so whatever gets lost is mended by what is said next.
extension Node {
  /// In which each session is reported anew, though nothing has happened.
  static var presencePeriod: Span { .seconds(15) }

  static func presenceTurns(tickMilliseconds: Int) -> Int {
    Int(presencePeriod.milliseconds) / max(1, tickMilliseconds * ticksPerSweep)
  }

  /// Somebody follows the session, does so no longer, or is another to it than before.
  mutating func followersChanged(_ session: SessionID) {
    guard
      localPresence.knows(session) || visits.knows(session)
        || !subscriptions.connections(of: session).isEmpty
    else { return }
    localPresence.followersChanged(session)
  }

  /// A connection follows the session from now on. It is told who is there; those whom this node does not know of yet
  /// come with the owner's list.
  mutating func attends(_ session: SessionID, _ connection: ConnectionID) {
    followersChanged(session)
    guard let listener = subscriptions.person(of: connection), state.owner(of: session)?.isClosed == false
    else {
      return
    }
    for person in localPresence.shown(in: session) where !person.isSame(as: listener) {
      put(.event(session, .presence(of: person, isOnline: true), to: [connection]), into: connection.sink)
    }
  }

  /// Sessions may have other owners.
  mutating func tellPresenceAgain() {
    localPresence.tellAgain()
    presence.ownersMoved()
  }

  /// Once in a few ticks, so that one frame tells many.
  mutating func tellPresence() {
    sendPresenceReports()
    presence.turn(now)
    sendLists()
    watchAbsences()
    for (session, people) in localPresence.takeGone(now) {
      for person in people { tell(person, isOnline: false, in: session) }
    }
  }

  /// From a peer.
  mutating func takePresence(_ content: AttendanceContent, from peer: ServerID) {
    switch content {
    case .reports(let reports): for report in reports { presence.take(report, from: peer, now: now) }
    case .lists(let lists): for list in lists { show(list, from: peer) }
    }
  }

  private mutating func sendPresenceReports() {
    var reports: [ServerID: [AttendanceReport]] = [:]
    for session in localPresence.turn() {
      for (owner, report) in self.reports(of: session) { reports[owner, default: []].append(report) }
    }
    for owner in reports.keys.sorted() {
      let batch = reports[owner] ?? []
      if owner == server {
        for report in batch { presence.take(report, from: server, now: now) }
      } else {
        let pieces = Bundles.cut(
          batch, maxCount: .max, maxBytes: configuration.maxFrameBytes, bytes: { $0.people.mostBytes })
        for piece in pieces { send(.reports(piece), to: owner) }
      }
    }
  }

  private mutating func reports(of session: SessionID) -> [(to: ServerID, report: AttendanceReport)] {
    let connections = subscriptions.connections(of: session)
    let visitor = visits.person(in: session, at: now)
    guard !connections.isEmpty || visitor != nil, let owner = state.owner(of: session), !owner.isClosed else {
      visits.forget(session)
      return localPresence.forget(session)
    }
    var people: [Person] = visitor.map { [$0] } ?? []
    for connection in connections where people.count < LocalPresence.mostPeople {
      // Supervisors who look on are part of the session only when it was given to them.
      guard let person = subscriptions.person(of: connection),
        !people.contains(where: { $0.isSame(as: person) }),
        state.maySend(person, session: session)
      else { continue }
      people.append(person)
    }
    if people.contains(where: { $0.role == .customer }), state.isAbsent(session) { sayThere(session) }
    // Always in the same order, or each would look like news.
    people.sort {
      $0.id.hasSameBytes(as: $1.id) ? $0.role.rawValue < $1.role.rawValue : $0.id.bytesPrecede($1.id)
    }
    return localPresence.report(session, people, to: owner.server)
  }

  private mutating func sendLists() {
    let state = state
    let server = server
    let lists = presence.takeLists { session in
      guard let owner = state.owner(of: session) else { return false }
      return owner.server == server && !owner.isClosed
    }
    var byNode: [ServerID: [AttendanceList]] = [:]
    for (node, list) in lists { byNode[node, default: []].append(list) }
    for node in byNode.keys.sorted() {
      let batch = byNode[node] ?? []
      if node == server {
        for list in batch { show(list, from: server) }
      } else {
        let pieces = Bundles.cut(
          batch, maxCount: .max, maxBytes: configuration.maxFrameBytes, bytes: { $0.people.mostBytes })
        for piece in pieces { send(.lists(piece), to: node) }
      }
    }
  }

  private mutating func send(_ content: AttendanceContent, to node: ServerID) {
    // Not sent: it is told again when there is a connection, and now and then.
    send(.attendance(content), to: NodeID(node.rawValue))
  }

  private mutating func show(_ list: AttendanceList, from owner: ServerID) {
    for person in localPresence.take(list, from: owner, now: now) {
      tell(person, isOnline: true, in: list.session)
    }
  }

  private mutating func tell(_ person: Person, isOnline: Bool, in session: SessionID) {
    let others = subscriptions.connections(of: session).filter { connection in
      subscriptions.person(of: connection).map { !$0.isSame(as: person) } ?? false
    }
    fanOut(others) { .event(session, .presence(of: person, isOnline: isOnline), to: $0) }
  }
}
