import Raft

/// What has happened in a whole cluster, and what must never happen in one (paper, figure 3).
struct History {
  private(set) var violations: [String] = []
  private var leaders: [Term: NodeID] = [:]
  private struct Ballot: Hashable {
    let voter: NodeID
    let term: Term
  }
  private struct Place: Hashable {
    let index: LogIndex
    let term: Term
  }
  private var votes: [Ballot: NodeID] = [:]
  /// By index, from 1.
  private(set) var committed: [Entry] = []
  private var written: [Place: (entry: Entry, previous: Term)] = [:]

  mutating func fail(_ text: String) { violations.append(text) }

  var lastCommitted: LogIndex { LogIndex(UInt64(committed.count)) }

  mutating func sawLeader(_ id: NodeID, _ term: Term) {
    if let other = leaders[term], other != id { fail("term \(term) has the leaders \(other) and \(id)") }
    leaders[term] = id
  }

  mutating func sawVote(by voter: NodeID, for candidate: NodeID, _ term: Term) {
    let key = Ballot(voter: voter, term: term)
    if let other = votes[key], other != candidate {
      fail("node \(voter) votes for \(other) and \(candidate) in term \(term)")
    }
    votes[key] = candidate
  }

  /// Log matching, by induction: an index and a term stand for one entry after one predecessor.
  mutating func sawWritten(_ entry: Entry, after previous: Term?) {
    let key = Place(index: entry.index, term: entry.term)
    guard let previous else { return }
    if let known = written[key], known.entry != entry || known.previous != previous {
      fail("entry \(entry.index) of term \(entry.term) is two different ones")
    }
    written[key] = (entry, previous)
  }

  /// - Returns: whether nobody has committed it before.
  mutating func sawCommitted(_ entry: Entry, by id: NodeID) -> Bool {
    let position = Int(entry.index.rawValue) - 1
    if position < committed.count {
      if committed[position] != entry { fail("node \(id) commits another entry \(entry.index)") }
      return false
    }
    if position > committed.count {
      fail("node \(id) commits entry \(entry.index) after \(committed.count)")
      return false
    }
    committed.append(entry)
    return true
  }
}
