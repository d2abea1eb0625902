import Raft

/// Reads the log of a directory: all of it, in order, every checksum checked. Changes nothing by itself: a store that
/// is refused is left as it was found, for whoever looks into it.
struct LogRecovery {
  let directory: Directory
  let identity: StoreIdentity
  private let image = SegmentImage()
  private(set) var notes: [String] = []
  /// To be cleared before anything is written, once all else has been found good.
  private(set) var torn: [TornPiece] = []

  init(directory: Directory, identity: StoreIdentity) {
    self.directory = directory
    self.identity = identity
  }

  /// - Parameters:
  ///   - numbers: segments that are there, ascending.
  ///   - newest: the newest segment that was ever made, as the manifest says.
  ///   - snapshot: what the log goes on from.
  ///   - passedOver: a newer snapshot that is damaged; to explain a gap.
  mutating func recover(
    _ numbers: [UInt64], newest: UInt64, snapshot: SnapshotMeta?, passedOver: String?
  ) throws(StoreError) -> (RecoveredLog, [Entry]) {
    try checkComplete(numbers, newest: newest)
    let base = snapshot?.index ?? .zero
    var contents = LogContents(base: base)
    var recovered = RecoveredLog()
    var numbers = numbers
    var tailMayBeTorn = true
    if let last = numbers.last, try takeBlank(last, &recovered, &tailMayBeTorn) {
      numbers.removeLast()
      // A segment is prepared once the one before it is durable, and that one stays until the next is.
      if numbers.isEmpty, last > 1 { throw missing(last - 1) }
    }

    for number in numbers {
      try image.load(number, from: directory)
      let isLast = number == numbers.last
      try contents.begin(image.header(identity), of: image.path, afterEnd: recovered.position)
      (recovered.position, recovered.durable) = try scan(into: &contents, mayBeTorn: isLast && tailMayBeTorn)
    }
    recovered.segments = contents.segments
    recovered.last = contents.last
    recovered.hardState = contents.hardState
    let entries = try join(contents, snapshot, passedOver, &recovered)
    return (recovered, entries)
  }

  private func checkComplete(_ numbers: [UInt64], newest: UInt64) throws(StoreError) {
    guard var expected = numbers.first else {
      if newest > 0 { throw missing(newest) }
      return
    }
    for number in numbers {
      guard number == expected else { throw missing(expected) }
      expected += 1
    }
    guard expected > newest else { throw missing(expected) }
  }

  private func missing(_ number: UInt64) -> StoreError { Self.missing(number, in: directory) }

  static func missing(_ number: UInt64, in directory: Directory) -> StoreError {
    .missing(file: directory.file(FileNames.segment(number)), what: "segment \(number) of the log was in use")
  }

  /// The newest segment is often prepared and not yet used, or its very first write was cut short.
  private mutating func takeBlank(
    _ number: UInt64, _ recovered: inout RecoveredLog, _ tailMayBeTorn: inout Bool
  )
    throws(StoreError) -> Bool
  {
    try image.load(number, from: directory)
    if !image.isBlank {
      do throws(StoreError) {
        _ = try image.header(identity)
        return false
      } catch {
        guard case .damaged = error else { throw error }
        let codec = RecordCodec(identity: identity, segment: number)
        guard TornTail.judgeSegmentHeader(image.bytes, usedEnd: image.usedEnd, codec: codec) == .torn else {
          throw error
        }
        // It was begun, so all before it was durable by then.
        tailMayBeTorn = false
        notes.append("\(image.path): the first write of the segment was cut short by a crash and is dropped")
        torn.append(image.cut(at: 0))
      }
    }
    recovered.blank = SegmentSpan(number: number, size: UInt64(image.count), highest: .zero)
    return true
  }

  /// Gives the end of the records, and up to where they were durable when the last of them was written.
  private mutating func scan(into contents: inout LogContents, mayBeTorn: Bool) throws(StoreError)
    -> (end: UInt64, durable: UInt64)
  {
    let codec = RecordCodec(identity: identity, segment: image.number)
    let bytes = image.bytes
    var offset = SegmentHeader.bytes
    var durable: UInt64 = 0
    while offset < image.usedEnd {
      let header = codec.header(bytes, at: offset)
      if let header, let what = codec.unknown(header) {
        throw .unknownRecord(file: image.path, offset: UInt64(offset), what: what)
      }
      if let header, let record = codec.record(header, in: bytes, at: offset) {
        try contents.apply(record, of: image.path, at: offset)
        offset += header.bytes
        durable = header.durable
        continue
      }
      guard mayBeTorn else { throw Self.unreadable(image.path, offset) }
      let verdict = TornTail.judge(bytes, at: offset, header: header, usedEnd: image.usedEnd, codec: codec)
      if case .damaged(let what) = verdict {
        throw .damaged(file: image.path, offset: UInt64(offset), what: what)
      }
      notes.append(
        "\(image.path): a write that a crash cut short was dropped: \(image.usedEnd - offset) bytes at offset \(offset), "
          + "after index \(contents.last)")
      torn.append(image.cut(at: offset))
    }
    return (UInt64(offset), durable)
  }

  static func unreadable(_ path: String, _ offset: Int) -> StoreError {
    .damaged(
      file: path, offset: UInt64(offset),
      what: "a record cannot be read, and the log goes on after this segment")
  }

  /// Puts the log behind the snapshot.
  private mutating func join(
    _ contents: LogContents, _ snapshot: SnapshotMeta?, _ passedOver: String?, _ recovered: inout RecoveredLog
  ) throws(StoreError) -> [Entry] {
    let base = contents.base
    guard contents.first <= base.next else {
      if let passedOver {
        throw .damaged(
          file: passedOver, offset: 0,
          what: "the snapshot does not match its checksum, and the log does not reach back to an older one")
      }
      let name = snapshot.map { FileNames.snapshot(index: $0.index, term: $0.term) }
      let newest = name.map { "the newest snapshot is \($0)" } ?? "there is no snapshot"
      throw .missing(
        file: directory.file("snapshot-*.snap"),
        what: "the log begins at index \(contents.first) and \(newest): entries \(base.next) to "
          + "\(contents.first.previous) are gone")
    }
    var entries = contents.entries
    if let snapshot {
      let isBehind = contents.last < base
      // A received snapshot that did not match the log, and a crash before the log could say so.
      let isOther = contents.termAtBase.map { $0 != snapshot.term } ?? false
      if isBehind || isOther {
        entries = []
        recovered.last = base
        recovered.start = (base, snapshot.term)
        notes.append("the log goes on after the snapshot at index \(base), and what it held is dropped")
      }
      raiseTerm(to: snapshot.term, &recovered.hardState)
    }
    guard recovered.hardState.commit <= recovered.last else {
      throw .damaged(
        file: image.path, offset: recovered.position,
        what: "entries up to \(recovered.hardState.commit) were committed and the log ends at \(recovered.last)"
      )
    }
    if let last = entries.last { raiseTerm(to: last.term, &recovered.hardState) }
    return entries
  }

  /// Entries and snapshots come first in a write, and a crash may have cut it short before its hard state. Nothing
  /// was promised in the new term by then, as a vote needs the hard state to be durable.
  private func raiseTerm(to term: Term, _ state: inout HardState) {
    guard term > state.term else { return }
    state.term = term
    state.vote = nil
  }
}
