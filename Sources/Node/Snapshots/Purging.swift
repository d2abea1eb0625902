import Desk
import Kernel
import Raft

/// What was erased is to be in no file of this node. The archive takes its rows out; the log still has the entries that brought them,
/// and so have snapshots from before. So the disk begins a new piece of its log, a snapshot is made behind the old one, and with it
/// the old piece goes, whatever is kept of the log at other times, and so do older snapshots.
///
/// One round of this is under way at a time, and the next one is for all erasures that came meanwhile: whoever erases many customers one
/// after the other does not have the state written for each of them.
struct Purging {
  private struct Round {
    /// The last erasure that it is for.
    var erasure: LogIndex
    /// Pieces that go have nothing behind this entry.
    var last: LogIndex
    var began: Instant
  }

  /// Erasures up to this entry are through. After a start none is known to be.
  private(set) var done = LogIndex.zero
  private var round: Round?
  /// A snapshot could not be written: a disk that is full is not written full again at once.
  private var notBefore: Instant?
  private static let pause = Span.milliseconds(5_000)
  /// Between two rounds as long as the one before has taken, and within these bounds: half of the time at the most goes to it.
  private var restsUntil: Instant?
  private static let rest = Span.milliseconds(1_000)...Span.milliseconds(60_000)

  /// - Parameters:
  ///   - erasure: the last one.
  ///   - durable: the log is on this node's disk up to there. With the erasure behind it, a piece that is begun now would have it.
  ///   - last: end of the log.
  /// - Returns: the disk is to begin a new piece.
  mutating func begin(_ erasure: LogIndex, durable: LogIndex, last: LogIndex, now: Instant) -> Bool {
    guard round == nil, erasure > done, erasure <= durable, restsUntil.map({ $0 <= now }) ?? true else {
      return false
    }
    round = Round(erasure: erasure, last: last, began: now)
    return true
  }

  /// A snapshot of this entry or a later one does; nil: none is wanted.
  /// - Parameter last: end of the log. It can have become shorter.
  func wanted(last: LogIndex) -> LogIndex? {
    round.map { max($0.erasure, min($0.last, last)) }
  }

  mutating func failed(_ now: Instant) { notBefore = now + Self.pause }

  func mayTry(_ now: Instant) -> Bool { notBefore.map { $0 <= now } ?? true }

  mutating func end(_ now: Instant) {
    if let round {
      done = max(done, round.erasure)
      restsUntil = now + min(max(now - round.began, Self.rest.lowerBound), Self.rest.upperBound)
    }
    round = nil
  }
}

extension Node {
  /// Nothing that was erased is in the log or in a snapshot on this node's disk, and its archive has heard of all of it.
  package var hasPurged: Bool { purging.done.rawValue >= state.lastErasure }

  mutating func purgeIfDue() {
    let erasure = LogIndex(state.lastErasure)
    guard erasure > purging.done, log.loading == nil, !has(.erasureKeepsLog) else { return }
    if purging.begin(erasure, durable: raft.durableIndex, last: raft.lastIndex, now: now) {
      output.purge = erasure
    }
    guard let wanted = purging.wanted(last: raft.lastIndex) else { return }
    if snapshots.lastIndex >= wanted {
      output.compactTo = max(output.compactTo ?? .zero, snapshots.lastIndex)
      purging.end(now)
      note(.info, "what was erased is out of the log and of older snapshots", ("index", "\(erasure)"))
    } else if raft.appliedIndex >= wanted, purging.mayTry(now) {
      snapshots.want(wanted)
    }
  }
}
