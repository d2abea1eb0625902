import Desk
import Raft

/// Sessions that have left the state and may not be on the disk of this node's archive yet: whoever asks for one of them asks
/// again. Of all others that are nowhere it is known that they never were.
struct LeftSessions {
  /// So many are remembered; with more, it is said of any session.
  static let most = 65_536

  private var ids: Set<SessionID> = []
  private var order: [(index: LogIndex, sessions: [SessionID])] = []
  /// Which have left with entries up to here is not known.
  private var unknown = LogIndex.zero

  mutating func left(_ sessions: [SessionID], at index: LogIndex) {
    guard !sessions.isEmpty else { return }
    guard ids.count + sessions.count <= Self.most else { return begin(at: index) }
    ids.formUnion(sessions)
    order.append((index, sessions))
  }

  /// A snapshot has brought what came of entries up to here.
  mutating func begin(at index: LogIndex) {
    (ids, order) = ([], [])
    unknown = index
  }

  mutating func isDurable(_ index: LogIndex) {
    let done = order.prefix { $0.index <= index }
    for (_, sessions) in done { ids.subtract(sessions) }
    order.removeFirst(done.count)
    if unknown <= index { unknown = .zero }
  }

  func isUnderWay(_ session: SessionID) -> Bool { unknown > .zero || ids.contains(session) }
}
