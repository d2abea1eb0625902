import Desk
import Raft

/// What has happened in the whole cluster, and what must never happen in one (Raft paper, figure 3, and what the desk
/// promises its clients). The first violation ends a run.
final class Checks {
  var violations: [String] = []
  var leaders: [Term: NodeID] = [:]
  var votes: [Ballot: NodeID] = [:]
  /// By index and term: a digest of the entry, and the term before it.
  var written: [Position: Written] = [:]
  /// By index, from 1.
  var committed: [CommittedEntry] = []
  var oracle = Oracle()
  var agents = AgentWatch()
  var openSessions = OpenSessionsWatch()
  var audits = AuditWatch()
  var teams = TeamWatch()
  /// The newest committed configuration; nil: still the first.
  var membership: Membership?
  var memberships: [(index: LogIndex, membership: Membership)] = []
  /// Digests of the encoded state, by index.
  var stateDigests: [LogIndex: UInt64] = [:]

  struct Ballot: Hashable {
    let voter: NodeID
    /// A voter whose disk was emptied has forgotten; it votes again once it is taken back, when what it promised
    /// before can no longer elect anybody.
    let store: Int
    let term: Term
  }

  struct Position: Hashable {
    let index: LogIndex
    let term: Term
  }

  struct Written {
    let digest: UInt64
    let previous: Term
  }

  struct CommittedEntry {
    let entry: Entry
    /// The highest term that any node was in when it was first known to be committed: leaders of later terms have
    /// it.
    let knownIn: Term
    /// What applying it brought about at the first node that did; nil until then.
    var effects: [Effect]?
  }

  func fail(_ text: String) {
    if violations.isEmpty { violations.append(text) }
  }

  var lastCommitted: LogIndex { LogIndex(UInt64(committed.count)) }
}
