import Desk
import Kernel
import Protocol
import Raft

/// This node's side: of each session that somebody here follows, what the owner is to be told and what those here are
/// shown. It is asked once in a turn what there is to do; what happens between two turns is told once.
struct LocalPresence {
  private struct Entry {
    /// The owner who was last told; nil: nobody yet.
    var owner: ServerID?
    var seen: UInt64 = 0
    var shown = ShownPeople()
    var isChanged = false
  }

  /// People of one session on one node, at the most.
  static let mostPeople = 16

  private var entries: [SessionID: Entry] = [:]
  private var changed: [SessionID] = []
  private var round: Round
  /// Sessions that somebody has left, in the order of the times at which that was. One for each list that took somebody
  /// away in the last seconds, and the owner sends a few in a second.
  private var left: [(session: SessionID, at: Instant)] = []

  /// - Parameter turns: in which each session is reported anew once.
  init(turns: Int) { round = Round(turns: turns) }

  var count: Int { entries.count }

  /// Somebody here follows the session, or did a moment ago.
  func knows(_ session: SessionID) -> Bool { entries[session] != nil }

  /// Who follows the session here may be others than before.
  mutating func followersChanged(_ session: SessionID) {
    if entries[session] == nil { round.insert(session) }
    guard !entries[session, default: Entry()].isChanged else { return }
    entries[session, default: Entry()].isChanged = true
    changed.append(session)
  }

  /// Owners may have changed, or an owner may have forgotten what it was told: all of it is told again soon.
  mutating func tellAgain() { round.hurry() }

  /// The sessions to be reported, or forgotten, in this turn.
  mutating func turn() -> [SessionID] {
    let first = changed.prefix(Round.limit)
    let others = round.turn().filter { entries[$0]?.isChanged == false }
    for session in first { entries[session]?.isChanged = false }
    changed.removeFirst(first.count)
    return first + others
  }

  /// - Parameter people: those of the session who are connected here.
  /// - Returns: what the owner is to be told, and an owner before it.
  mutating func report(
    _ session: SessionID, _ people: [Person], to owner: ServerID
  ) -> [(to: ServerID, report: AttendanceReport)] {
    guard let entry = entries[session] else { return [] }
    let people = Array(people.prefix(Self.mostPeople))
    if entry.owner == owner {
      return [(owner, AttendanceReport(session: session, seen: entry.seen, isFollowed: true, people: people))]
    }
    entries[session]?.owner = owner
    entries[session]?.seen = 0
    return farewell(to: entry.owner, session)
      + [(owner, AttendanceReport(session: session, seen: 0, isFollowed: true, people: people))]
  }

  /// Nobody here follows the session any more, or it is closed.
  /// - Returns: what the owner who was told before is to be told now.
  mutating func forget(_ session: SessionID) -> [(to: ServerID, report: AttendanceReport)] {
    guard let entry = entries.removeValue(forKey: session) else { return [] }
    round.remove(session)
    return farewell(to: entry.owner, session)
  }

  private func farewell(
    to owner: ServerID?, _ session: SessionID
  ) -> [(to: ServerID, report: AttendanceReport)] {
    guard let owner else { return [] }
    return [(owner, AttendanceReport(session: session, seen: 0, isFollowed: false, people: []))]
  }

  /// - Returns: who is there now and was not before.
  mutating func take(_ list: AttendanceList, from owner: ServerID, now: Instant) -> [Person] {
    // What somebody says who was the owner before no longer counts.
    guard let entry = entries[list.session], entry.owner == owner else { return [] }
    entries[list.session]?.seen = list.version
    guard let result = entries[list.session]?.shown.replace(by: list.people, now: now) else { return [] }
    if result.someoneLeft { left.append((list.session, now)) }
    return result.came
  }

  /// Who has been gone for long enough: at most `Round.limit` sessions of them, in the order in which people left.
  mutating func takeGone(_ now: Instant) -> [(session: SessionID, people: [Person])] {
    let due = left.prefix(Round.limit).prefix { now - $0.at >= ShownPeople.grace }
    guard !due.isEmpty else { return [] }
    let gone = due.map { ($0.session, entries[$0.session]?.shown.takeGone(now) ?? []) }
    left.removeFirst(due.count)
    return gone
  }

  func shown(in session: SessionID) -> [Person] { entries[session]?.shown.people ?? [] }
}
