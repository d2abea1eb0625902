import Desk
internal import Kernel
import NIOCore
import Peering
internal import Protocol
import Raft
import Wire

/// Who of a session is connected, past the log: each node reports to the owners of the sessions that are followed on
/// it, an owner tells those nodes the whole list, and each node shows its own clients what has changed by it. Both sides
/// take the newest for the truth, so whatever gets lost is mended by what is said next.
extension ReplicaCore {
  /// In which each session is reported anew, though nothing has happened.
  static var attendancePeriod: TimeAmount { .seconds(15) }

  static func attendanceTurns(tickMilliseconds: Int) -> Int {
    Int(attendancePeriod.nanoseconds / 1_000_000) / max(1, tickMilliseconds * ticksPerSweep)
  }

  /// Somebody follows the session, does so no longer, or is another to it than before.
  func followersChanged(_ session: SessionID) {
    guard localAttendance.knows(session) || !followers.connections(of: session).isEmpty else { return }
    localAttendance.followersChanged(session)
  }

  /// A connection follows the session from now on. It is told who is there; those whom this node does not know of yet
  /// come with the owner's list.
  func attends(_ session: SessionID, _ connection: ConnectionID) {
    followersChanged(session)
    guard let listener = followers.person(of: connection), desk.owner(of: session)?.isClosed == false else {
      return
    }
    for person in localAttendance.shown(in: session) where !person.isSame(as: listener) {
      put(.event(session, .presence(of: person, isOnline: true), to: [connection]), into: connection.sink)
    }
  }

  /// Sessions may have other owners.
  func tellAttendanceAgain() {
    localAttendance.tellAgain()
    attendance.ownersMoved()
  }

  /// Once in a few ticks, so that one frame tells many.
  func attend() {
    sendReports()
    attendance.turn(now)
    sendLists()
    for (session, people) in localAttendance.takeGone(now) {
      for person in people { tell(person, isOnline: false, in: session) }
    }
  }

  /// From a peer.
  func take(_ content: AttendanceCodec.Content, from peer: ServerID) {
    switch content {
    case .reports(let reports): for report in reports { attendance.take(report, from: peer, now: now) }
    case .lists(let lists): for list in lists { show(list, from: peer) }
    }
  }

  private func sendReports() {
    var reports: [ServerID: [AttendanceReport]] = [:]
    for session in localAttendance.turn() {
      for (owner, report) in self.reports(of: session) { reports[owner, default: []].append(report) }
    }
    for owner in reports.keys.sorted() {
      let batch = reports[owner] ?? []
      if owner == server {
        for report in batch { attendance.take(report, from: server, now: now) }
      } else {
        let pieces = Bundles.cut(
          batch, maxCount: .max, maxBytes: options.maxFrameBytes,
          bytes: { AttendanceCodec.mostBytes(of: $0.people) })
        for piece in pieces { send(.reports(piece), to: owner) }
      }
    }
  }

  private func reports(of session: SessionID) -> [(to: ServerID, report: AttendanceReport)] {
    let connections = followers.connections(of: session)
    guard !connections.isEmpty, let owner = desk.owner(of: session), !owner.isClosed else {
      return localAttendance.forget(session)
    }
    var people: [Person] = []
    for connection in connections where people.count < LocalAttendance.mostPeople {
      // Supervisors who look on are part of the session only when it was given to them.
      guard let person = followers.person(of: connection), !people.contains(where: { $0.isSame(as: person) }),
        desk.maySend(person, session: session)
      else { continue }
      people.append(person)
    }
    // Always in the same order, or each would look like news.
    people.sort {
      $0.id.hasSameBytes(as: $1.id) ? $0.role.rawValue < $1.role.rawValue : $0.id.bytesPrecede($1.id)
    }
    return localAttendance.report(session, people, to: owner.server)
  }

  private func sendLists() {
    let lists = attendance.takeLists { session in
      guard let owner = desk.owner(of: session) else { return false }
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
          batch, maxCount: .max, maxBytes: options.maxFrameBytes,
          bytes: { AttendanceCodec.mostBytes(of: $0.people) })
        for piece in pieces { send(.lists(piece), to: node) }
      }
    }
  }

  private func send(_ content: AttendanceCodec.Content, to node: ServerID) {
    // Not sent: it is told again when there is a connection, and now and then.
    _ = network.send(.signal, to: NodeID(node.rawValue), lane: .control) {
      AttendanceCodec.encode(content, into: &$0)
    }
  }

  private func show(_ list: AttendanceList, from owner: ServerID) {
    for person in localAttendance.take(list, from: owner, now: now) {
      tell(person, isOnline: true, in: list.session)
    }
  }

  private func tell(_ person: Person, isOnline: Bool, in session: SessionID) {
    let others = followers.connections(of: session).filter { connection in
      followers.person(of: connection).map { !$0.isSame(as: person) } ?? false
    }
    fanOut(others) { .event(session, .presence(of: person, isOnline: isOnline), to: $0) }
  }
}
