import Archive
import Desk
import Logging
import NIOCore
import Node

/// Pages of rows between this node's archive and those of others: read and written on the archive's threads, and told on the
/// driver's.
extension NodeDriver {
  /// What clients ask goes first.
  func read(_ read: ArchivePageRead) {
    let (number, loop, logger) = (read.number, loop, logger)
    let isTaken = archive?.archivist?.read(isLate: true) { (reader) throws(ArchiveError) in
      try reader.rows(read.request)
    } then: { [weak self] page in
      if case .failure(let error) = page {
        logger.warning("the archive cannot be read for another node", metadata: ["error": "\(error)"])
      }
      guard let self else { return }
      loop.execute { self.take(.archivePageRead(number: number, try? page.get())) }
    }
    guard isTaken != true else { return }
    loop.execute { self.take(.archivePageRead(number: number, nil)) }
  }

  func write(_ page: ArchivePageToWrite) {
    let (number, loop) = (page.number, loop)
    let isTaken = archive?.archivist?.administer { (writer) throws(ArchiveError) in
      try writer.write(page.page, filling: page.filled)
      return writer.gaps
    } then: { [weak self] outcome in
      guard let self else { return }
      loop.execute { self.take(.archivePageWritten(number: number, ArchivePageOutcome(outcome))) }
    }
    guard isTaken != true else { return }
    loop.execute { self.take(.archivePageWritten(number: number, .failed("the archive is closed"))) }
  }
}

extension ArchivePageOutcome {
  fileprivate init(_ outcome: Result<ArchiveGaps, ArchiveError>) {
    switch outcome {
    case .success(let gaps): self = .written(gaps)
    case .failure(let error) where error.kind == .refused: self = .refused(error.description)
    case .failure(let error): self = .failed(error.description)
    }
  }
}
