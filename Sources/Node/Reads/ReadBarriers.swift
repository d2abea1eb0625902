import Desk
import Kernel
import Protocol
import Raft

/// Who waits for this node to have applied all that was committed when the read came in (dissertation, section
/// 6.4). All reads of one turn share one ReadIndex request.
struct ReadBarriers {
  enum Waiter {
    case client(ClientRequest)
    /// A command that named an unknown session.
    case send(ClientRequest)
    /// Anything for a desk that is not known.
    case desk(ClientRequest)
    /// A call of the HTTP interface, which reads the state when it is answered.
    case call(UInt64)
    /// An operator who waits for a snapshot: see `AskedSnapshots`.
    case snapshot(UInt64)

    var isResume: Bool { if case .client(let request) = self { request.body.isResume } else { false } }
  }

  private struct Round {
    var waiters: [(Waiter, since: Instant)]
    var index: LogIndex?
    var startedAt: Instant
  }

  private var gathering: [(Waiter, since: Instant)] = []
  private var rounds: [UInt64: Round] = [:]
  private var lastContext: UInt64
  /// Those who may read, and wait for a turn that has room for them.
  private var readable: [Waiter] = []
  /// So many of these have read.
  private var done = 0
  /// Readers that were given up, to be told why.
  private var expired: [(Waiter, Failure)] = []

  /// - Parameter first: above every context of this node's earlier lives, whose answers may still be on their way.
  init(after first: UInt64) { lastContext = first }

  mutating func wait(_ waiter: Waiter, since: Instant) {
    gathering.append((waiter, since))
  }

  /// - Returns: the context of a round to start, if anybody waits for one.
  mutating func nextRound(at now: Instant) -> UInt64? {
    guard !gathering.isEmpty else { return nil }
    lastContext += 1
    rounds[lastContext] = Round(waiters: gathering, index: nil, startedAt: now)
    gathering = []
    return lastContext
  }

  /// The round could not be started: its readers wait for the next one.
  mutating func notStarted(_ context: UInt64) {
    guard let round = rounds.removeValue(forKey: context) else { return }
    gathering = round.waiters + gathering
  }

  /// The leader has answered a round. What it says is true for all rounds that were begun before: an answer to one of
  /// these may be lost, and what waits in it must not be overtaken by what came later.
  mutating func confirmed(_ read: ReadState) {
    guard rounds[read.context] != nil else { return }
    for context in rounds.keys.filter({ $0 <= read.context }) {
      let known = rounds[context]?.index ?? read.index
      rounds[context]?.index = min(known, read.index)
    }
  }

  /// Those for whom no round was started yet.
  mutating func takeGathering() -> [Waiter] {
    defer { gathering = [] }
    return gathering.map(\.0)
  }

  /// - Returns: readers that may read now, in the order in which they came.
  mutating func takeReadable(_ applied: LogIndex) -> [Waiter] {
    guard !rounds.isEmpty else { return [] }
    let done = rounds.filter { $0.value.index.map { $0 <= applied } ?? false }.keys.sorted()
    return done.flatMap { rounds.removeValue(forKey: $0)?.waiters.map(\.0) ?? [] }
  }

  /// These may read now, in this order.
  mutating func mayRead(_ waiters: [Waiter]) { readable += waiters }

  var hasReadable: Bool { done < readable.count }

  /// - Returns: who reads next.
  mutating func nextReadable() -> Waiter? {
    guard hasReadable else { return nil }
    let waiter = readable[done]
    done += 1
    if !hasReadable {
      readable.removeAll(keepingCapacity: readable.count < 1_024)
      done = 0
    }
    return waiter
  }

  /// Rounds that had no answer go again (a new leader has never seen them); readers that have waited too long
  /// are given up.
  ///
  /// Not so those that resume: nobody would ask again in their place, and the client would hear nothing more of the
  /// session. They wait for as long as their connection is there.
  mutating func expire(
    _ now: Instant, noQuorum: Bool, roundPatience: Span, patience: Span, isPresent: (ConnectionID) -> Bool
  ) {
    let failure =
      noQuorum
      ? Failure(.noQuorum, "this node sees no majority of the cluster", retryAfterMilliseconds: 500)
      : Failure(.busy, "the read found no answer in time; try again", retryAfterMilliseconds: 200)
    func isKept(_ waiter: Waiter, _ since: Instant) -> Bool {
      if case .client(let request) = waiter, case .resume = request.body {
        return isPresent(request.connection)
      }
      return !noQuorum && now - since <= patience
    }
    // What is to be read is known, and does not come: this node is far behind, or is sent nothing any more.
    for context in rounds.keys.sorted() {
      guard var round = rounds[context], round.index != nil else { continue }
      round.waiters.removeAll { waiter, since in
        if now - since <= patience || (waiter.isResume && isKept(waiter, since)) { return false }
        giveUp(waiter, failure)
        return true
      }
      rounds[context] = round.waiters.isEmpty ? nil : round
    }
    let late = rounds.filter { $0.value.index == nil && now - $0.value.startedAt > roundPatience }.keys.sorted()
    var again: [(Waiter, since: Instant)] = []
    for (waiter, since) in late.flatMap({ rounds.removeValue(forKey: $0)?.waiters ?? [] }) {
      if isKept(waiter, since) {
        again.append((waiter, since))
      } else {
        giveUp(waiter, failure)
      }
    }
    // They came before all others, and go with those who came next: an answer to these is true for them, too.
    if let next = rounds.filter({ $0.value.index == nil }).keys.min() {
      rounds[next]?.waiters.insert(contentsOf: again, at: 0)
      again = []
    }
    for (waiter, since) in gathering {
      if isKept(waiter, since) {
        again.append((waiter, since))
      } else {
        giveUp(waiter, failure)
      }
    }
    gathering = again
  }

  private mutating func giveUp(_ waiter: Waiter, _ failure: Failure) {
    // Who resumed and is gone is told nothing.
    if waiter.isResume { return }
    expired.append((waiter, failure))
  }

  mutating func takeExpired() -> [(Waiter, Failure)] {
    guard !expired.isEmpty else { return [] }
    defer { expired = [] }
    return expired
  }

  /// All who wait, when there will be no answer any more.
  mutating func takeAll() -> [Waiter] {
    let all =
      expired.map(\.0) + readable[done...] + rounds.keys.sorted().flatMap { rounds[$0]?.waiters.map(\.0) ?? [] }
      + gathering.map(\.0)
    expired = []
    readable = []
    done = 0
    rounds = [:]
    gathering = []
    return all
  }

  var isWaiting: Bool { !gathering.isEmpty || !rounds.isEmpty || hasReadable }

  /// Those who wait and were not given up.
  var count: Int {
    gathering.count + rounds.values.reduce(0) { $0 + $1.waiters.count } + readable.count - done
  }
}
