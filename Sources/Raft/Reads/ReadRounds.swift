/// Reads at a leader that wait for a round of heartbeats to show that it still leads.
struct ReadRounds: Sendable {
  struct Request: Sendable {
    let from: NodeID
    let context: UInt64
  }
  struct Round: Sendable {
    let number: UInt64
    /// The commit index when the round was begun.
    let index: LogIndex
    let requests: [Request]
  }

  /// Not part of a round yet.
  private(set) var waiting: [Request] = []
  private var rounds = Fifo<Round>()
  /// Never goes back, so that no answer can be taken for that to a later round.
  private(set) var newestRound: UInt64 = 0
  /// Requests in all.
  private(set) var count = 0

  mutating func add(_ request: Request) {
    waiting.append(request)
    count += 1
  }

  /// Makes a round of what waits.
  mutating func begin(at index: LogIndex) {
    rounds.append(Round(number: nextRound(), index: index, requests: waiting))
    waiting.removeAll(keepingCapacity: true)
  }

  /// A round without reads: it shows only that this node leads.
  mutating func nextRound() -> UInt64 {
    newestRound += 1
    return newestRound
  }

  /// The oldest round, if it is `number` or an earlier one.
  mutating func end(upTo number: UInt64) -> Round? {
    guard let first = rounds.first, first.number <= number else { return nil }
    count -= first.requests.count
    return rounds.removeFirst()
  }

  mutating func dropAll() {
    waiting.removeAll()
    rounds.removeAll()
    count = 0
  }
}
