import Desk

enum WriteJob: Sendable {
  /// Of the entries behind `after`.
  case rows([ArchiveRow], after: UInt64, upTo: UInt64, weight: Int)
  case whole(ArchiveWhole, [ArchiveRow], upTo: UInt64)
  /// A read has found it so, in that generation of the file.
  case damaged(ArchiveError, generation: Int)
  case administration(@Sendable (ArchiveWriter) -> Void)
}

struct ReadJob: Sendable {
  /// Nobody waits for it: all others go first.
  let isLate: Bool
  /// - Returns: what was wrong with the files.
  let body: @Sendable (ArchiveReader) -> ArchiveError?
  init(isLate: Bool, _ body: @escaping @Sendable (ArchiveReader) -> ArchiveError?) {
    (self.isLate, self.body) = (isLate, body)
  }

  func run(_ reader: ArchiveReader, _ writes: JobQueue<WriteJob>) {
    guard let error = body(reader), error.kind == .damaged, let month = error.month,
      let generation = reader.generation(of: month)
    else { return }
    _ = writes.put(.damaged(error, generation: generation), weight: 0)
  }
}

/// What the writing thread does, until its queue is closed.
struct WritingLoop {
  let writer: ArchiveWriter
  let queue: JobQueue<WriteJob>
  let tell: @Sendable (ArchiveEvent) -> Void
  /// All rows up to here are written; those that are handed over go on from there.
  private var position: UInt64
  private var gaps = ArchiveGaps()
  private var rows: [ArchiveRow] = []
  private var index: UInt64?
  private var weight = 0
  /// false: it could not, and waits for the next job.
  private var mayCount = true

  init(writer: ArchiveWriter, queue: JobQueue<WriteJob>, tell: @escaping @Sendable (ArchiveEvent) -> Void) {
    (self.writer, self.queue, self.tell) = (writer, queue, tell)
    position = writer.completeIndex
  }

  mutating func run() {
    for finding in writer.findings { tell(.found(finding)) }
    tellGaps()
    while let jobs = queue.take(waits: !mayCount || !writer.hasUncounted) {
      for job in jobs { take(job) }
      writeRows()
      if jobs.isEmpty { countSome() } else { mayCount = true }
    }
    writer.close()
  }

  /// What no sums have yet, while there is nothing else to do.
  private mutating func countSome() {
    do throws(ArchiveError) { try writer.countSome() } catch {
      if error.kind == .damaged, let month = error.month { return setAside(month, error) }
      // A disk that is full or fails is met by the next write, and that is told.
      mayCount = false
    }
  }

  private mutating func take(_ job: WriteJob) {
    switch job {
    case .rows(let more, let after, let upTo, let added):
      weight += added
      // What came before them was not written: that was told, and they come again behind it.
      guard after <= index ?? position, !writer.needsWhole else { return }
      rows += more
      index = max(index ?? 0, upTo)
    case .whole(let whole, let more, let upTo):
      writeRows()
      let queue = queue
      // Minutes of work where there is much: a node that stops does not wait for it, and begins again when it starts.
      let endable = ArchiveWhole(
        desks: whole.desks, isAll: whole.isAll, missing: whole.missing, erasures: whole.erasures,
        droppedBefore: whole.droppedBefore
      ) { take in
        try whole.forEachRow { row in
          guard !queue.isEnding else {
            throw ArchiveError(.needsWhole, nil, "The node stops; the archive is filled later.")
          }
          try take(row)
        }
      }
      attempt { writer throws(ArchiveError) in
        try writer.fill(endable, then: more, upTo: upTo)
        return upTo
      }
    case .damaged(let error, let generation):
      writeRows()
      guard let month = error.month, writer.generation(of: month) == generation else { return }
      setAside(month, error)
    case .administration(let body):
      writeRows()
      body(writer)
      tellGaps()
    }
  }

  /// What came one after the other, as one.
  private mutating func writeRows() {
    let some = rows
    rows = []
    if let index {
      self.index = nil
      attempt { writer throws(ArchiveError) in
        try writer.write(some, upTo: index)
        return index
      }
    }
    queue.done(weight)
    weight = 0
  }

  private mutating func attempt(_ body: (ArchiveWriter) throws(ArchiveError) -> UInt64) {
    do throws(ArchiveError) {
      let index = try body(writer)
      position = max(position, index)
      tellGaps()
      tell(.durable(index))
    } catch {
      if error.kind == .damaged, let month = error.month {
        setAside(month, error)
      } else {
        fail(error)
      }
    }
  }

  private mutating func setAside(_ month: Month, _ error: ArchiveError) {
    do throws(ArchiveError) { tell(.found(try writer.setAside(month, because: error.description))) } catch {
      return fail(error)
    }
    fail(error)
  }

  private mutating func fail(_ error: ArchiveError) {
    tellGaps()
    tell(.failed(error, needsWhole: writer.needsWhole))
  }

  private mutating func tellGaps() {
    guard gaps != writer.gaps else { return }
    gaps = writer.gaps
    tell(.gaps(gaps))
  }
}
