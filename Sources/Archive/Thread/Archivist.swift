package import Desk

/// Owns an archive: one thread writes, one thread reads, and nobody waits for either.
package final class Archivist: Sendable {
  /// Bytes of rows that are accepted and not yet durable.
  package static let mostWaiting = 128 << 20
  /// Reads that wait.
  package static let mostReads = 256

  /// Opens or makes the archive and starts its threads. Blocks for the disk.
  /// - Parameter events: called on the writing thread.
  /// - Throws: `ArchiveError`.
  package init(
    directory: String, events: @escaping @Sendable (ArchiveEvent) -> Void
  ) throws(ArchiveError) {
    throw ArchiveError(.unusable, nil, "There is no archive yet.")
  }

  /// It has all up to here, as far as was known at its opening; 0 when it has to be filled from a whole state.
  package var completeIndex: UInt64 { 0 }

  /// Never blocks.
  /// - Returns: false: too much waits already, or it is closed. Nothing of it is taken then, and the next has to be a whole.
  package func submit(_ rows: [ArchiveRow], upTo index: UInt64) -> Bool { false }

  /// All that there is, for an archive with a gap. Never blocks.
  package func submit(_ whole: ArchiveWhole, then rows: [ArchiveRow], upTo index: UInt64) -> Bool { false }

  /// Never blocks.
  /// - Parameter then: called on the reading thread.
  /// - Returns: false: too many wait already, or it is closed; `then` is not called.
  package func read<Answer>(
    _ job: @escaping @Sendable (ArchiveReader) throws(ArchiveError) -> Answer,
    then: @escaping @Sendable (Result<Answer, ArchiveError>) -> Void
  ) -> Bool { false }

  /// Writes what was accepted, answers the reads that wait, and ends the threads. Blocks.
  package func close() {}
}
