import Archive
import Desk
import Logging
import NIOCore
import Node
import Raft
import Storage

/// The archive of a node, and the way from its threads to the node's.
///
/// `@unchecked Sendable`: `driver` is touched on `loop` alone.
final class NodeArchive: @unchecked Sendable {
  private let loop: any EventLoop
  private let logger: Logger
  private weak var driver: NodeDriver?
  private(set) var archivist: Archivist?
  /// nil: it has not said yet.
  private(set) var amounts: ArchivedAmounts?

  /// Opens the archive, or makes it. One that cannot be opened keeps no node from serving: what it is to have is in the state
  /// still, and is filled in when it can be.
  /// - Parameter isFresh: the node has nothing yet, so an archive that is there is of another life, and is set aside.
  init(directory: String, isFresh: Bool, loop: any EventLoop, logger: Logger) {
    (self.loop, self.logger) = (loop, logger)
    do {
      if isFresh, let aside = try SetAsideFolder.move(directory) {
        logger.warning(
          "an archive of an earlier life was set aside",
          metadata: ["directory": "\(directory)", "as": "\(aside)"])
      }
      archivist = try Archivist(directory: directory) { [weak self] event in
        guard let self else { return }
        self.loop.execute { self.tell(event) }
      }
    } catch {
      logger.error(
        "the archive cannot be opened: this node finds nothing that is over, and serves all else",
        metadata: ["directory": "\(directory)", "error": "\(error)"])
    }
  }

  /// What the node is to know of it when it starts.
  func tell(_ restored: inout RestoredNode) {
    guard let archivist else { return }
    restored.archived = LogIndex(archivist.completeIndex)
    (restored.archiveNeedsWhole, restored.archiveGaps) = (archivist.needsWhole, archivist.gaps)
  }

  /// From here on the node hears what becomes of its rows.
  func serve(_ driver: NodeDriver) { self.driver = driver }

  private func tell(_ event: ArchiveEvent) {
    switch event {
    case .durable(let index): driver?.take(.archived(LogIndex(index)))
    case .gaps(let gaps): driver?.take(.archiveGaps(gaps))
    case .failed(let error, let needsWhole):
      driver?.take(.archiveFailed(error.description, needsWhole: needsWhole))
    case .found(let finding):
      logger.error("a file of the archive is damaged", metadata: ["finding": "\(finding.description)"])
    }
  }

  func submit(_ batch: ArchiveBatch) {
    guard let archivist else { return }
    let index = batch.upTo.rawValue
    let isTaken: Bool
    if let state = batch.whole {
      let whole = ArchiveWhole(
        desks: state.archivedDesks, isAll: batch.wholeIsAll, missing: batch.missing,
        erasures: batch.erasures.sorted, droppedBefore: batch.droppedBefore
      ) { body in
        try state.forEachArchiveRow(asOf: index) { row in try body(row) }
      }
      isTaken = archivist.submit(whole, then: batch.rows, upTo: index)
    } else {
      isTaken = archivist.submit(batch.rows, after: batch.after.rawValue, upTo: index)
    }
    guard !isTaken else { return }
    // Told with the next turn: this one is being carried out.
    loop.execute {
      self.driver?.take(.archiveFailed("too much waits for it; the disk is slow", needsWhole: false))
    }
  }

  /// Asks how much there is.
  func measure() {
    _ = archivist?.read { (reader) throws(ArchiveError) in
      try reader.figures()
    } then: { [weak self] figures in
      guard let self, let figures = try? figures.get() else { return }
      self.loop.execute { self.amounts = ArchivedAmounts(figures) }
    }
  }

  /// Blocks until what was handed over is written.
  func close() { archivist?.close() }
}

extension ArchivedAmounts {
  fileprivate init(_ figures: ArchiveFigures) {
    self.init()
    sessions = UInt64(figures.sessions)
    chunks = UInt64(figures.months.reduce(0) { $0 + $1.chunks })
    messages = UInt64(figures.messages)
    bytes = UInt64(figures.fileBytes)
  }
}
