import Desk
import Kernel
import Protocol
import Raft

/// Operators who wait for a snapshot of this node, as a backup does. Each first waits, as any reader, until the node has applied
/// all that was committed when they asked; then for a snapshot that has all of it.
struct AskedSnapshots {
  /// So many may wait, those who still wait to read included.
  static let most = 16
  /// The archive may have to come as far, and a large state has to be written.
  static let patience = Span.milliseconds(30_000)

  private struct Waiter {
    var call: UInt64
    var until: Instant
    /// nil: not all that was committed has been applied yet.
    var wanted: LogIndex?
  }

  private var waiters: [Waiter] = []

  var isWaitedFor: Bool { !waiters.isEmpty }
  var hasRoom: Bool { waiters.count < Self.most }

  mutating func wait(_ call: UInt64, since now: Instant) {
    waiters.append(Waiter(call: call, until: now + Self.patience, wanted: nil))
  }

  /// - Parameter index: what it asked for is applied up to here.
  /// - Returns: whether it still waits.
  mutating func want(_ index: LogIndex, _ call: UInt64) -> Bool {
    guard let place = waiters.firstIndex(where: { $0.call == call }) else { return false }
    waiters[place].wanted = index
    return true
  }

  /// - Returns: those who have what they want with a snapshot of this index.
  mutating func takeServed(by index: LogIndex) -> [UInt64] {
    take { waiter in waiter.wanted.map { $0 <= index } ?? false }
  }

  /// - Returns: whose patience has ended.
  mutating func takeLate(_ now: Instant) -> [UInt64] { take { $0.until <= now } }

  /// - Returns: whether it has waited.
  mutating func take(_ call: UInt64) -> Bool { !take { $0.call == call }.isEmpty }

  mutating func takeAll() -> [UInt64] { take { _ in true } }

  private mutating func take(_ isTaken: (Waiter) -> Bool) -> [UInt64] {
    let taken = waiters.filter(isTaken).map(\.call)
    waiters.removeAll(where: isTaken)
    return taken
  }
}

extension Node {
  mutating func askForSnapshot(_ call: UInt64) {
    if let failure = readFailureNow() { return refuseSnapshot(call, "\(failure.message)") }
    guard askedSnapshots.hasRoom, reads.count < configuration.maxReads else {
      return refuseSnapshot(call, "\(AskedSnapshots.most) requests for a snapshot wait already: try again")
    }
    askedSnapshots.wait(call, since: now)
    reads.wait(.snapshot(call), since: now)
  }

  /// All that was committed when it was asked for is applied.
  mutating func mayMakeSnapshot(for call: UInt64) {
    guard askedSnapshots.want(log.index, call) else { return }
    snapshots.want(log.index)
    makeSnapshotIfDue()
    reportSnapshots()
  }

  /// - Parameter failure: why the node cannot know what is newest.
  mutating func snapshotCannotBegin(_ call: UInt64, _ failure: Failure) {
    guard askedSnapshots.take(call) else { return }
    refuseSnapshot(call, "\(failure.message)")
  }

  /// The newest snapshot is another one: who has waited for one as new is answered.
  mutating func reportSnapshots() {
    let index = snapshots.lastIndex
    for call in askedSnapshots.takeServed(by: index) {
      output.answers.append((call, .snapshotIsThere(.success(index.rawValue))))
    }
  }

  /// - Parameter reason: why none could be written.
  mutating func giveUpSnapshots(_ reason: String) {
    for call in askedSnapshots.takeAll() { refuseSnapshot(call, reason) }
  }

  /// From the tick.
  mutating func watchAskedSnapshots() {
    guard askedSnapshots.isWaitedFor else { return }
    makeSnapshotIfDue()
    for call in askedSnapshots.takeLate(now) {
      refuseSnapshot(
        call,
        archive.isKept
          ? "the snapshot was not made in time: it waits for the disk of this node and for its archive; see "
            + "`switchboard archive status`, and try again"
          : "the snapshot was not made in time: it waits for the disk of this node; try again")
    }
  }

  private mutating func refuseSnapshot(_ call: UInt64, _ reason: String) {
    output.answers.append((call, .snapshotIsThere(.failure(.busy(reason)))))
  }
}
