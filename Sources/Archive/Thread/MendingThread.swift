/// What an operator wants looked at.
package enum MonthsToMend: Hashable, Sendable {
  case only(Month)
  /// The first month that is kept behind that one; nil: the first of all, and the catalogue with it.
  case next(after: Month?)
}

/// What was found in one month.
package struct MendedMonth: Hashable, Sendable {
  /// nil: there is no other one.
  package var month: Month?
  /// Rows that are as they were written.
  package var rows: Int
  /// What was not. The file was set aside, and the month is filled from the state and from other archives.
  package var damage: String?
  /// The archive misses nothing that is known of.
  package var isWhole: Bool
}

/// Compares what is in the files of an archive with its checksums, a month at a time, when an operator wants it. On a thread of its
/// own: a gigabyte takes ten seconds, for which neither clients nor writes wait. The self-check of the index of words alone needs
/// the connection that writes.
struct MendingThread: Sendable {
  struct Job: Sendable {
    let months: MonthsToMend
    /// Called on the thread that mends, or on the one that writes.
    let then: @Sendable (Result<MendedMonth, ArchiveError>) -> Void
  }
  /// Questions that wait.
  static let mostJobs = 4

  let directory: String
  let jobs: JobQueue<Job>
  let writes: JobQueue<WriteJob>
  let end: Interruption

  func run() {
    while let some = jobs.take() {
      for job in some {
        look(job)
        jobs.done(1)
      }
    }
  }

  private func look(_ job: Job) {
    let found: (month: Month?, rows: Int)
    do throws(ArchiveError) {
      try end.check()
      // Its own, and opened anew: what is looked at is what the disk has, and no memory is kept for it afterwards.
      let reader = try ArchiveReader(directory)
      defer { reader.close() }
      do throws(ArchiveError) { found = try look(job.months, reader) } catch {
        guard error.kind == .damaged, let month = error.month, let generation = reader.generation(of: month)
        else { throw error }
        return setAside(month, generation, error, job)
      }
    } catch {
      return job.then(.failure(error))
    }
    checkWords(of: found.month, rows: found.rows, job)
  }

  private func look(
    _ months: MonthsToMend, _ reader: ArchiveReader
  ) throws(ArchiveError) -> (Month?, Int) {
    switch months {
    case .only(let month): return (month, try reader.check(month, end))
    case .next(let last):
      if last == nil { try reader.checkCatalogue() }
      let next = try reader.contents().kept.first { entry in last.map { entry.month > $0 } ?? true }
      guard let next else { return (nil, 0) }
      return (next.month, try reader.check(next.month, end))
    }
  }

  private func checkWords(of month: Month?, rows: Int, _ job: Job) {
    guard let month else { return answer(nil, rows: 0, damage: nil, job) }
    put(job) { writer in
      do throws(ArchiveError) {
        try writer.checkIndex(month)
        answer(month, rows: rows, damage: nil, job)
      } catch {
        guard error.kind == .damaged, let generation = writer.generation(of: month) else {
          return job.then(.failure(error))
        }
        setAside(month, generation, error, job)
      }
    }
  }

  private func setAside(_ month: Month, _ generation: Int, _ error: ArchiveError, _ job: Job) {
    _ = writes.put(.damaged(error, generation: generation), weight: 0)
    answer(month, rows: 0, damage: error.description, job)
  }

  /// Behind all that was to be written before: whoever is answered finds in the status what was set aside.
  private func answer(_ month: Month?, rows: Int, damage: String?, _ job: Job) {
    put(job) { writer in
      job.then(
        .success(MendedMonth(month: month, rows: rows, damage: damage, isWhole: writer.contents.isWhole)))
    }
  }

  private func put(_ job: Job, _ body: @escaping @Sendable (ArchiveWriter) -> Void) {
    if !writes.put(.administration(body), weight: 0) {
      job.then(.failure(ArchiveError(.disk, nil, "The node stops: ask again when it is back.")))
    }
  }
}
