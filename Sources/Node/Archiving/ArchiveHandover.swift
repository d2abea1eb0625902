package import Desk
import Kernel
package import Raft

/// A part of the log as rows for this node's archive, and all that the state has to archive where that is wanted.
package struct ArchiveBatch: Sendable {
  /// Of the entries behind `after` that are not `missing`.
  package var rows: [ArchiveRow]
  /// The archive has lost something: it takes what it does not have yet of this as well.
  package var whole: ReplicatedState?
  /// The state has all that there is, so nothing is missing with it.
  package var wholeIsAll = true
  /// With a whole state: who was erased, for some of it may have been while the archive was given nothing.
  package var erasures = ErasureLedger()
  /// With a whole state: months that were dropped. See `ReplicatedState`.
  package var droppedBefore: UInt32 = 0
  /// Entries whose rows the archive is not given by this node.
  package var missing: ArchiveGap?
  /// What came before was up to here.
  package var after: LogIndex
  /// With all this the archive has what was applied up to here.
  package var upTo: LogIndex
}

/// What is to go into this node's archive, how far it has come, and what it misses. Rows are kept until they are on its disk, so
/// a write that fails loses none. Nobody waits for an archive, but one that is far behind slows down who fills it.
struct ArchiveHandover {
  /// Rows that are not durable, in bytes: with so many the archive is behind.
  static let behindAt = 64 << 20
  /// With so many, those that are not handed over are forgotten.
  static let mostUnderWay = 192 << 20
  /// Without rows it is said only so many entries later how far the log is.
  private static let silence: UInt64 = 4_096
  /// An archive that could not be written is tried again after this.
  private static let retryAfter = Span.milliseconds(5_000)

  private struct UnderWay {
    var batch: ArchiveBatch
    var bytes: Int
    var isWhole: Bool
  }

  /// nil: this node keeps no archive.
  private var durable: LogIndex?
  private var rows: [ArchiveRow] = []
  private var bytes = 0
  private var underWay: [UnderWay] = []
  private var bytesUnderWay = 0
  private var handed = LogIndex.zero
  /// It is to be given the whole state.
  private(set) var hasGap = false
  /// Entries whose rows are gone, and are in no batch that is under way.
  private var missing: ArchiveGap?
  private var notBefore: Instant?
  /// It could not be written, and has not been since.
  private(set) var isFailing = false
  private var isHurried = false

  /// - Parameters:
  ///   - durable: the archive has all that was applied up to here; nil: there is none.
  ///   - needsWhole: but a file of it is lost.
  ///   - state: where the state begins.
  init(durable: LogIndex?, needsWhole: Bool = false, state: LogIndex) {
    self.durable = durable
    handed = state
    if let durable, durable < state { beginGap(after: durable, upTo: state) }
    if needsWhole { needWhole() }
  }

  var isKept: Bool { durable != nil }
  /// So far it is complete on disk, but for its gaps.
  var durableIndex: LogIndex { durable ?? .zero }
  /// A chunk of the session is still to be handed over, or to be written.
  func isUnderWay(_ session: SessionID) -> Bool {
    let isOfSession = { (row: ArchiveRow) in
      if case .chunk(let chunk, _) = row { chunk.session == session } else { false }
    }
    return rows.contains(where: isOfSession) || underWay.contains { $0.batch.rows.contains(where: isOfSession) }
  }
  /// Something is still to be handed over, or to be written.
  var isWaiting: Bool { hasGap || !rows.isEmpty || !underWay.isEmpty }
  /// It is to be given no whole state, and has on its disk what it was given so.
  var isFilled: Bool { !hasGap && !isFailing && !underWay.contains { $0.isWhole } }
  /// So much waits for it that this node should take nothing new.
  var isBehind: Bool { bytes + bytesUnderWay > Self.behindAt }

  /// - Parameter index: the entry that has made them.
  mutating func add(_ more: inout [ArchiveRow], at index: LogIndex) {
    guard !more.isEmpty else { return }
    for row in more { bytes += row.bytes }
    rows.append(contentsOf: more)
    more.removeAll(keepingCapacity: true)
    if bytes + bytesUnderWay > Self.mostUnderWay { forgetRows(upTo: index) }
  }

  private mutating func forgetRows(upTo index: LogIndex) {
    (rows, bytes) = ([], 0)
    beginGap(after: handed, upTo: index)
  }

  /// No rows come of these entries: another state has taken the place of the one that they would be from.
  mutating func beginGap(after: LogIndex, upTo: LogIndex) {
    needWhole()
    guard isKept, after < upTo else { return }
    missing = ArchiveGap(
      after: min(missing?.after ?? .max, after.rawValue), upTo: max(missing?.upTo ?? 0, upTo.rawValue))
  }

  private mutating func needWhole() { if isKept { hasGap = true } }

  mutating func isDurable(_ index: LogIndex) {
    // It may have been ahead of the log as this node had it when it started.
    durable = max(index, durableIndex)
    isFailing = false
    let done = underWay.prefix { $0.batch.upTo <= index }
    for one in done { bytesUnderWay -= one.bytes }
    underWay.removeFirst(done.count)
  }

  /// It could not be written, and is what it was: what was under way is handed over again.
  /// - Parameter needsWhole: it has lost a file by it.
  mutating func failed(_ now: Instant, needsWhole: Bool) {
    rows = underWay.flatMap(\.batch.rows) + rows
    bytes += bytesUnderWay
    if let first = underWay.first { handed = first.batch.after }
    for one in underWay where one.isWhole {
      hasGap = true
      if let gap = one.batch.missing { beginGap(after: LogIndex(gap.after), upTo: LogIndex(gap.upTo)) }
    }
    (underWay, bytesUnderWay) = ([], 0)
    if needsWhole { needWhole() }
    // Whoever waited to hear how far it has come waits still.
    isHurried = true
    notBefore = now + Self.retryAfter
    isFailing = true
  }

  /// A snapshot is due: with the archive as far as that, a restart from it leaves no gap.
  mutating func hurry() { isHurried = true }

  /// What to hand over at the end of a turn. Where there was a gap before, and none after, the state goes with it.
  /// - Parameter index: all up to here is applied.
  mutating func take(at index: LogIndex, now: Instant) -> ArchiveBatch? {
    guard isKept, index > handed || hasGap, notBefore.map({ $0 <= now }) ?? true else { return nil }
    if hasGap {
      // One at a time: a state that is held elsewhere costs copies of what changes in it.
      guard underWay.isEmpty else { return nil }
    } else {
      guard !rows.isEmpty || isHurried || index.rawValue >= handed.rawValue + Self.silence else { return nil }
    }
    let batch = ArchiveBatch(rows: rows, missing: missing, after: handed, upTo: index)
    handed = index
    underWay.append(UnderWay(batch: batch, bytes: bytes, isWhole: hasGap))
    bytesUnderWay += bytes
    (rows, bytes, isHurried, hasGap, notBefore, missing) = ([], 0, false, false, nil, nil)
    return batch
  }
}

extension Node {
  /// The archive misses something that it is still to be given by this node.
  package var archiveHasGap: Bool { archive.hasGap }
  /// The archive has not yet all that this node has for it.
  package var archiveIsWaiting: Bool { archive.isWaiting }
  /// So much waits for the archive that this node should take nothing new.
  package var archiveIsBehind: Bool { archive.isBehind }

  /// The archive has on its disk what has left the state of the session, but for the gaps that it knows of. Of one that is in the
  /// state it is worth a look only where a part of it may have been dropped: what the archive does not have is gone then.
  package func archiveIsCaughtUp(with session: SessionID) -> Bool {
    guard !archive.hasGap, !leftSessions.isUnderWay(session) else { return false }
    guard let opened = state.session(session)?.openedAt, state.mayHaveDropped(since: opened) else {
      return true
    }
    return !archive.isUnderWay(session)
  }

  mutating func handToArchive() {
    let hadGap = archive.hasGap
    guard var batch = archive.take(at: log.index, now: now) else { return }
    if hadGap {
      batch.whole = state
      if !has(.erasureUnheard) { batch.erasures = state.erasures }
      if !has(.droppedUnheard) { batch.droppedBefore = state.droppedBefore }
      // From this level on what is over leaves the state.
      batch.wholeIsAll = state.level < .sixth
    }
    if batch.wholeIsAll { batch.missing = nil }
    output.archive = batch
  }

  /// The archive has all that was applied up to here, on disk.
  mutating func archiveIsDurable(_ index: LogIndex) {
    archive.isDurable(index)
    leftSessions.isDurable(archive.durableIndex)
    makeSnapshotIfDue()
  }

  /// Nothing is lost by it: this node has all of it, and it is tried again.
  mutating func archiveFailed(_ reason: String, needsWhole: Bool) {
    archive.failed(now, needsWhole: needsWhole)
    note(
      .error,
      needsWhole
        ? "a file of the archive was lost; it is filled again"
        : "the archive could not be written; it is tried again",
      ("error", reason))
  }

  /// What stands against new words while the archive is far behind. What is said leaves memory only when it is there.
  func archiveFailure(_ command: Command) -> Failure? {
    guard archive.isBehind, state.level >= .sixth else { return nil }
    switch command {
    case .open, .send: break
    case .perform, .setStatus, .endPresences, .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend,
      .govern, .arrange, .noteRead, .annotate:
      return nil
    }
    return Failure(
      .busy,
      "the archive of this node is far behind and its disk slow, so it takes nothing new; try again, or another node",
      retryAfterMilliseconds: 2_000)
  }
}
