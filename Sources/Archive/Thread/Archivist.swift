package import Desk
import Synchronization

/// Owns an archive: one thread writes, one reads, one looks for damage when an operator wants it, and nobody waits for any of them.
package final class Archivist: Sendable {
  /// Bytes of rows that are accepted and not yet durable.
  package static let mostWaiting = 256 << 20
  /// Reads that wait.
  package static let mostReads = 256
  /// Of the threads that write: clients go first. Lower, and whatever else the machine does holds them up for good, since nobody
  /// may take back what was given away.
  private static let niceness: Int32 = 10

  /// Each transaction syncs the disk twice, the disk that holds up the log. What it gives is measured in docs/scale.md.
  private static let gathering = JobQueue<WriteJob>.Gathering(enough: 4 << 20, milliseconds: 500)

  private let writes = JobQueue<WriteJob>(most: mostWaiting, gathering: gathering)
  private let reads = JobQueue<ReadJob>(most: mostReads)
  private let mendings = JobQueue<MendingThread.Job>(most: MendingThread.mostJobs)
  private let mendingEnd = Interruption()
  /// The one that writes comes first.
  private let threads: Mutex<[ArchiveThread]>
  /// It has all up to here but for its gaps, as it was known at its opening.
  package let completeIndex: UInt64
  /// A file was found lost at its opening: a whole state has to come first.
  package let needsWhole: Bool
  /// What it missed at its opening.
  package let gaps: ArchiveGaps

  /// Opens or makes the archive and starts its threads. Blocks for the disk.
  /// - Parameter events: called on the writing thread; what was found at opening comes first.
  /// - Throws: `ArchiveError`.
  package init(
    directory: String, options: ArchiveWriter.Options = ArchiveWriter.Options(),
    events: @escaping @Sendable (ArchiveEvent) -> Void
  ) throws(ArchiveError) {
    let writer = HandedOver(try ArchiveWriter(directory, options))
    let reader = HandedOver(try ArchiveReader(directory))
    completeIndex = writer.value.completeIndex
    needsWhole = writer.value.needsWhole
    gaps = writer.value.gaps
    let (writes, reads) = (writes, reads)
    threads = Mutex([])
    let writing = try ArchiveThread(name: "archive-write", niceness: Self.niceness) {
      var loop = WritingLoop(writer: writer.value, queue: writes, tell: events)
      loop.run()
    }
    threads.withLock { $0.append(writing) }
    do throws(ArchiveError) {
      let reading = try ArchiveThread(name: "archive-read", niceness: 5) {
        while let jobs = reads.take() {
          for job in jobs.filter({ !$0.isLate }) + jobs.filter(\.isLate) {
            job.run(reader.value, writes)
            reads.done(1)
          }
        }
        reader.value.close()
      }
      threads.withLock { $0.append(reading) }
      let mending = MendingThread(
        directory: directory, jobs: mendings, writes: writes, end: mendingEnd)
      let mendingThread = try ArchiveThread(name: "archive-mend", niceness: 19) { mending.run() }
      threads.withLock { $0.append(mendingThread) }
    } catch {
      close()
      throw error
    }
  }

  /// Never blocks. What is submitted together or one soon after the other is written in one transaction.
  /// - Parameter after: rows of the entries up to there were submitted before. Where these were not written, nothing is claimed
  ///   of those behind them: they have to come again.
  /// - Returns: false: too much waits already, or it is closed. Nothing of it is taken then, and it has to come again.
  package func submit(_ rows: [ArchiveRow], after: UInt64, upTo index: UInt64) -> Bool {
    let weight = rows.reduce(64) { $0 + $1.bytes }
    return writes.put(.rows(rows, after: after, upTo: index, weight: weight), weight: weight)
  }

  /// All that there is, for an archive with a gap. Never blocks.
  /// - Returns: false: too much waits already, or it is closed.
  package func submit(_ whole: ArchiveWhole, then rows: [ArchiveRow], upTo index: UInt64) -> Bool {
    writes.put(.whole(whole, rows, upTo: index), weight: 0)
  }

  /// What is seldom done to the files, on the writing thread. Never blocks.
  /// - Parameter then: called on the writing thread.
  /// - Returns: false: it is closed; `then` is not called.
  package func administer<Answer: Sendable>(
    _ job: @escaping @Sendable (ArchiveWriter) throws(ArchiveError) -> Answer,
    then: @escaping @Sendable (Result<Answer, ArchiveError>) -> Void
  ) -> Bool {
    writes.put(
      .administration { writer in
        do throws(ArchiveError) { then(.success(try job(writer))) } catch {
          then(.failure(error))
        }
      }, weight: 0)
  }

  /// Never blocks. A file that is found damaged is set aside afterwards.
  /// - Parameters:
  ///   - isLate: no client waits for it: what clients ask meanwhile goes first.
  ///   - then: called on the reading thread.
  /// - Returns: false: too many wait already, or it is closed; `then` is not called.
  package func read<Answer: Sendable>(
    isLate: Bool = false, _ job: @escaping @Sendable (ArchiveReader) throws(ArchiveError) -> Answer,
    then: @escaping @Sendable (Result<Answer, ArchiveError>) -> Void
  ) -> Bool {
    reads.put(
      ReadJob(isLate: isLate) { reader in
        do throws(ArchiveError) {
          then(.success(try job(reader)))
          return nil
        } catch {
          then(.failure(error))
          return error
        }
      }, weight: 1)
  }

  /// Compares all that a month has with its checksums. One that is damaged is set aside before the answer, and filled again.
  /// - Parameter then: called on a thread of the archive. A failure says that nobody knows what is there.
  /// - Returns: false: too many ask already, or it is closed; `then` is not called.
  package func mend(
    _ months: MonthsToMend, then: @escaping @Sendable (Result<MendedMonth, ArchiveError>) -> Void
  ) -> Bool {
    mendings.put(MendingThread.Job(months: months, then: then), weight: 1)
  }

  /// Writes what was accepted, answers the reads that wait, and ends the threads. Blocks; not to be called from a callback.
  package func close() {
    reads.close()
    mendings.close()
    mendingEnd.interrupt()
    let all = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    // Reads and what was found tell the writing thread of damage: it ends last.
    for thread in all.dropFirst() { thread.join() }
    writes.close()
    all.first?.join()
  }

  deinit { close() }
}

/// Something that one thread makes and another one uses from then on, alone.
private struct HandedOver<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
