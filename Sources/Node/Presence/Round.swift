import Desk
import Protocol

/// Sessions that are to be looked at again and again, each once in a round that is spread evenly over many turns; or,
/// after something that concerns them all, each once as soon as the limit of a turn allows. A turn costs no more than its
/// limit, however many sessions there are.
struct Round {
  /// Sessions that one turn looks at, at the most.
  static let limit = 1_000

  /// Those before the cursor were looked at in this round.
  private var members: [SessionID] = []
  private var places: [SessionID: Int] = [:]
  private var cursor = 0
  private let turns: Int
  /// Parts of a session, of which `turns` make one, that this turn may look at.
  private var credit = 0
  /// So many are still to be looked at in a hurry.
  private var hurried = 0

  /// - Parameter turns: of one round, when nothing hurries.
  init(turns: Int) { self.turns = max(1, turns) }

  var count: Int { members.count }

  mutating func insert(_ session: SessionID) {
    guard places[session] == nil else { return }
    places[session] = members.count
    members.append(session)
  }

  mutating func remove(_ session: SessionID) {
    guard var place = places.removeValue(forKey: session) else { return }
    if place < cursor {
      // The last one before the cursor fills the gap, and the gap is then where the cursor is.
      cursor -= 1
      move(from: cursor, to: place)
      place = cursor
    }
    move(from: members.count - 1, to: place)
    members.removeLast()
  }

  private mutating func move(from: Int, to: Int) {
    guard from != to else { return }
    members[to] = members[from]
    places[members[to]] = to
  }

  /// Everything is to be looked at once from here on, without the usual patience.
  mutating func hurry() { hurried = members.count }

  /// - Returns: the sessions of this turn.
  mutating func turn() -> [SessionID] {
    credit += members.count
    let usual = credit / turns
    credit %= turns
    let count = min(max(usual, min(hurried, members.count)), Self.limit, members.count)
    hurried = max(0, hurried - count)
    var sessions: [SessionID] = []
    sessions.reserveCapacity(count)
    for _ in 0..<count {
      if cursor >= members.count { cursor = 0 }
      sessions.append(members[cursor])
      cursor += 1
    }
    return sessions
  }
}
