import Desk
import Kernel
import Protocol
import Raft

/// The owner's knowledge of who is connected: by session, what each node where it is followed has last reported. It is
/// nowhere on a disk and nowhere else: a new owner is told everything anew by the nodes.
struct PresenceTable {
  private struct Node {
    let server: ServerID
    var people: [Person]
    var heard: Instant
    /// The version of the list that it has, or that is on its way to it.
    var seen: UInt64
  }

  private struct Entry {
    /// In the order of their ids, and so are the people of a list.
    var nodes: [Node] = []
    var people: [Person] = []
    var version: UInt64 = 0
    var isChanged = false
  }

  /// Sessions at the most; those above it are told to nobody.
  static let limit = 100_000
  /// A report counts for three rounds of the nodes: one may get lost, and the next one too.
  private let patience: Span

  private var entries: [SessionID: Entry] = [:]
  private var changed: [SessionID] = []
  private var round: Round
  private var lostAt: [ServerID: Instant] = [:]
  private var lastVersion: UInt64
  /// Sessions whose customer has come, or has gone: by a report, or with a node that cannot be heard.
  private var touched: [(session: SessionID, byReport: Bool)] = []

  /// - Parameters:
  ///   - life: above all versions of earlier lives of this node.
  ///   - period: in which the nodes report each session anew.
  ///   - turns: of this table in one period.
  init(after life: UInt64, period: Span, turns: Int) {
    lastVersion = life
    patience = period * 3
    round = Round(turns: turns)
  }

  var count: Int { entries.count }

  mutating func take(_ report: AttendanceReport, from server: ServerID, now: Instant) {
    let session = report.session
    guard var entry = entries.removeValue(forKey: session) ?? newEntry(for: report) else { return }
    entry.nodes.removeAll { $0.server == server }
    if report.isFollowed {
      let place = entry.nodes.firstIndex { $0.server > server } ?? entry.nodes.endIndex
      entry.nodes.insert(
        Node(server: server, people: report.people, heard: now, seen: report.seen), at: place)
    }
    keep(entry, of: session, byReport: true)
  }

  private mutating func newEntry(for report: AttendanceReport) -> Entry? {
    guard report.isFollowed, entries.count < Self.limit else { return nil }
    round.insert(report.session)
    return Entry()
  }

  /// Puts an entry back whose nodes may be others now.
  private mutating func keep(_ entry: Entry, of session: SessionID, byReport: Bool) {
    guard !entry.nodes.isEmpty else {
      if entry.people.hasCustomer { touched.append((session, byReport)) }
      return forget(session)
    }
    var entry = entry
    var people: [Person] = []
    for node in entry.nodes {
      for person in node.people where !people.contains(where: { $0.isSame(as: person) }) {
        people.append(person)
      }
    }
    if people.count > AttendanceList.mostPeople {
      people.removeLast(people.count - AttendanceList.mostPeople)
    }
    if people != entry.people || entry.version == 0 {
      lastVersion += 1
      entry.version = lastVersion
      if people.hasCustomer != entry.people.hasCustomer { touched.append((session, byReport)) }
      entry.people = people
    }
    if !entry.isChanged, entry.nodes.contains(where: { $0.seen != entry.version }) {
      entry.isChanged = true
      changed.append(session)
    }
    entries[session] = entry
  }

  private mutating func forget(_ session: SessionID) {
    entries[session] = nil
    round.remove(session)
  }

  /// The node cannot be heard any more: whoever was there is there no longer, unless it reports again.
  mutating func lost(_ server: ServerID, now: Instant) {
    lostAt[server] = now
    round.hurry()
  }

  /// Other sessions than before may be this node's own: the nodes of those are told soon.
  mutating func ownersMoved() { round.hurry() }

  /// Takes out what no longer counts; a part of it in each turn.
  mutating func turn(_ now: Instant) {
    for session in round.turn() {
      guard var entry = entries.removeValue(forKey: session) else { continue }
      entry.nodes.removeAll { node in
        now - node.heard > patience || lostAt[node.server].map { node.heard <= $0 } ?? false
      }
      keep(entry, of: session, byReport: false)
    }
  }

  /// Some sessions are told of to nobody, and nothing can be said of who is there.
  var isFull: Bool { entries.count >= Self.limit }

  func isThere(_ person: Person, in session: SessionID) -> Bool {
    entries[session]?.people.contains { $0.isSame(as: person) } ?? false
  }

  /// - Returns: the sessions whose customer has come or gone, each given once.
  mutating func takeTouched() -> [(session: SessionID, byReport: Bool)] {
    guard !touched.isEmpty else { return [] }
    defer { touched = [] }
    return touched
  }

  /// The lists that have changed, or that a node does not have yet, for whom each is meant.
  ///
  /// - Parameter isOwn: the session is this node's own, and open. A node can be told of a session before it knows that
  ///   this is so; it says nothing until then.
  mutating func takeLists(isOwn: (SessionID) -> Bool) -> [(to: ServerID, list: AttendanceList)] {
    guard !changed.isEmpty else { return [] }
    var lists: [(to: ServerID, list: AttendanceList)] = []
    let sessions = changed.prefix(Round.limit)
    for session in sessions {
      entries[session]?.isChanged = false
      guard isOwn(session), var entry = entries[session] else { continue }
      let list = AttendanceList(session: session, version: entry.version, people: entry.people)
      for place in entry.nodes.indices where entry.nodes[place].seen != entry.version {
        entry.nodes[place].seen = entry.version
        lists.append((entry.nodes[place].server, list))
      }
      entries[session] = entry
    }
    changed.removeFirst(sessions.count)
    return lists
  }
}

extension [Person] {
  /// Of one session: it has one customer, and nobody else with that role is part of it.
  fileprivate var hasCustomer: Bool { contains { $0.role == .customer } }
}
