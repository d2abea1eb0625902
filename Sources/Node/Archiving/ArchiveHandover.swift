package import Desk
import Kernel
package import Raft

/// A part of the log as rows for this node's archive, or all that there is to archive.
package struct ArchiveBatch: Sendable {
  package var rows: [ArchiveRow]
  /// What the rows are cut from, where the archive has a gap: it takes what it does not have yet of this, then the rows.
  package var whole: ReplicatedState?
  /// With all this the archive has what was applied up to here.
  package var upTo: LogIndex
}

/// What is to go into this node's archive, how far it has come, and where it has a gap. Nobody waits for an archive: when it
/// falls too far behind it is given nothing more, and when it has caught up it takes what it missed from the state.
struct ArchiveHandover {
  /// Rows that are handed over and not durable, in bytes; beyond that no more are.
  static let mostUnderWay = 64 << 20
  /// Without rows it is said only so many entries later how far the log is.
  private static let silence: UInt64 = 4_096
  /// An archive that could not be written is tried again after this.
  private static let retryAfter = Span.milliseconds(5_000)

  /// nil: this node keeps no archive.
  private var durable: LogIndex?
  private var rows: [ArchiveRow] = []
  private var bytes = 0
  private var underWay: [(upTo: LogIndex, bytes: Int)] = []
  private var bytesUnderWay = 0
  private var handed = LogIndex.zero
  /// It misses something that the log does not bring any more.
  private(set) var hasGap = false
  /// Gaps that began since this node has started.
  private(set) var gaps = 0
  private var notBefore: Instant?
  /// It could not be written, and has not been since.
  private(set) var isFailing = false
  private var isHurried = false

  /// - Parameters:
  ///   - durable: the archive has all that was applied up to here; nil: there is none.
  ///   - state: where the state begins.
  init(durable: LogIndex?, state: LogIndex) {
    self.durable = durable
    handed = state
    if let durable, durable < state { beginGap() }
  }

  var isKept: Bool { durable != nil }
  /// So far it is complete on disk.
  var durableIndex: LogIndex { durable ?? .zero }

  mutating func add(_ more: inout [ArchiveRow]) {
    guard !more.isEmpty else { return }
    // What the state will be asked for as a whole need not be said part by part.
    if !hasGap {
      for row in more { bytes += row.bytes }
      rows.append(contentsOf: more)
    }
    more.removeAll(keepingCapacity: true)
    if bytes + bytesUnderWay > Self.mostUnderWay { beginGap() }
  }

  /// Another state has taken the place of the one that the rows are from.
  mutating func beginGap() {
    guard isKept, !hasGap else { return }
    hasGap = true
    gaps += 1
    (rows, bytes) = ([], 0)
  }

  mutating func isDurable(_ index: LogIndex) {
    // It may have been ahead of the log as this node had it when it started.
    durable = max(index, durableIndex)
    isFailing = false
    let done = underWay.prefix { $0.upTo <= index }
    for batch in done { bytesUnderWay -= batch.bytes }
    underWay.removeFirst(done.count)
  }

  /// It could not be written, and is what it was: what was under way is lost.
  mutating func failed(_ now: Instant) {
    (underWay, bytesUnderWay) = ([], 0)
    beginGap()
    notBefore = now + Self.retryAfter
    isFailing = true
  }

  /// A snapshot is due: with the archive as far as that, a restart from it leaves no gap.
  mutating func hurry() { isHurried = true }

  /// What to hand over at the end of a turn. Where there was a gap before, and none after, the state goes with it.
  /// - Parameter index: all up to here is applied.
  mutating func take(at index: LogIndex, now: Instant) -> ArchiveBatch? {
    guard isKept, index > handed || hasGap else { return nil }
    if hasGap {
      // One at a time: a state that is held elsewhere costs copies of what changes in it.
      guard underWay.isEmpty, notBefore.map({ $0 <= now }) ?? true else { return nil }
      (hasGap, notBefore) = (false, nil)
      return hand(ArchiveBatch(rows: [], whole: nil, upTo: index), 0)
    }
    guard !rows.isEmpty || isHurried || index.rawValue >= handed.rawValue + Self.silence else { return nil }
    defer { (rows, bytes, isHurried) = ([], 0, false) }
    return hand(ArchiveBatch(rows: rows, whole: nil, upTo: index), bytes)
  }

  private mutating func hand(_ batch: ArchiveBatch, _ bytes: Int) -> ArchiveBatch {
    handed = batch.upTo
    underWay.append((batch.upTo, bytes))
    bytesUnderWay += bytes
    return batch
  }
}

extension Node {
  /// The archive misses something that it is still to be given.
  package var archiveHasGap: Bool { archive.hasGap }

  mutating func handToArchive() {
    let hadGap = archive.hasGap
    output.archive = archive.take(at: log.index, now: now)
    if hadGap, !archive.hasGap { output.archive?.whole = desk }
  }

  /// The archive has all that was applied up to here, on disk.
  mutating func archiveIsDurable(_ index: LogIndex) { archive.isDurable(index) }

  /// Nothing is lost by it: the state has all of it, and it is tried again.
  mutating func archiveFailed(_ reason: String) {
    archive.failed(now)
    note(.error, "the archive could not be written; it is filled from the state", ("error", reason))
  }
}
