import Desk
import Kernel
import Protocol
import Raft

/// What desks' audits are to have: what the log has brought about, once for each entry of the log.
struct AuditWatch {
  struct Noted {
    var link: AuditLink
    /// The entry of the log that has noted it.
    var made: UInt64
  }

  private(set) var noted: [ArchiveRowKey: Noted] = [:]
  private var trails: [DeskNumber: (count: UInt64, head: AuditHash)] = [:]
  /// Conversations that somebody of the staff was shown, and that are not theirs.
  private(set) var shown: [(person: Person, session: SessionID)] = []

  mutating func wasShown(_ session: SessionID, to person: Person) { shown.append((person, session)) }

  /// - Returns: what is wrong; nil: nothing.
  mutating func apply(_ effects: [Effect], index: UInt64) -> String? {
    for case .audited(let link) in effects {
      let before = trails[link.desk] ?? (0, AuditHash(beginningOf: link.desk))
      guard link.entry.number == before.count + 1, link.previous == before.head, link.isSound else {
        return
          "entry \(link.entry.number) of the audit of desk \(link.desk) does not follow from \(before.count)"
      }
      trails[link.desk] = (link.entry.number, link.hash)
      noted[.audit(link.desk, link.entry.number)] = Noted(link: link, made: index)
    }
    return nil
  }

  /// Whether the desk's state says what was noted.
  func isHead(_ trail: AuditTrail, of desk: DeskNumber) -> Bool {
    let known = trails[desk] ?? (0, AuditHash(beginningOf: desk))
    return trail.count == known.count && trail.head == known.head
  }

  func has(_ person: Person, _ session: SessionID) -> Bool {
    noted.values.contains { $0.link.entry.note.actor == person.id && $0.link.entry.note.session == session }
  }
}

extension SimulatedArchive {
  /// What it has of audits otherwise than it was noted, or has not; nil: nothing. What it knows to miss it may miss.
  func difference(from watch: AuditWatch, droppedBefore: UInt32) -> String? {
    for (key, known) in watch.noted {
      if audits[key]?.link == known.link { continue }
      let row = NotedLink(made: known.made, link: known.link)
      if row.calendarMonth < droppedBefore || audits[key] == nil && mayMiss(row) { continue }
      return "has \(audits[key] == nil ? "not" : "otherwise") entry \(known.link.entry.number) of an audit"
    }
    return audits.keys.contains { watch.noted[$0] == nil } ? "has an entry of an audit that nobody noted" : nil
  }

  private func mayMiss(_ row: NotedLink) -> Bool {
    gaps.list.contains { gap in
      (gap.month.map { $0 == row.month } ?? true) && gap.after < row.made && row.made <= gap.upTo
    }
  }
}

/// A supervisor who looks at what customers and agents say.
extension World {
  func makeWatcher() {
    let person = Person(id: "watcher", role: .supervisor, name: "Watcher")
    add(
      .watcher, person, of: nil, first: auditDice.below(nodes.count), connects: auditDice.below(20_000),
      acts: auditDice.below(plan.clientPause * 2))
  }

  /// - Returns: nil: not now.
  func watcherWish(_ client: Int) -> ClientWish? {
    // A node that is in a cluster of its own has another level, and notes what it shows elsewhere.
    guard !isCalm, !nodes.contains(where: \.isAstray), let link = clients[client].link,
      nodes[link.place].state.level >= .eighth
    else { return nil }
    let own = conversations.filter { $0.desk == nil }.flatMap { [$0.session, $0.past] }.compactMap(\.self)
    guard let session = auditDice.pick(own) else { return nil }
    if auditDice.chance(permille: 300) { move(client, to: auditDice.below(nodes.count)) }
    return .watch(session)
  }

  /// All nodes have the same chains, and each read of another's conversation that was answered is in them.
  func checkAudits() {
    let watch = checks.audits
    for node in group where checks.violations.isEmpty {
      for desk in node.state.desks {
        guard let trail = node.state.audit(of: desk.number), watch.isHead(trail, of: desk.number) else {
          return fail("the audit of desk \(desk.number) at node \(node.id) has another head than was noted")
        }
      }
      if let difference = node.archive.difference(from: watch, droppedBefore: node.state.droppedBefore) {
        fail("the archive of node \(node.id) \(difference)")
      }
    }
    if let unnoted = watch.shown.first(where: { !watch.has($0.person, $0.session) }) {
      fail("\(unnoted.person.id) was shown session \(unnoted.session), and that was not noted")
    }
  }
}
