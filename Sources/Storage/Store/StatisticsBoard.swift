import Synchronization

/// Where the store's thread puts its figures for others to read.
final class StatisticsBoard: Sendable {
  private let figures: Mutex<StoreStatistics>

  init(_ figures: StoreStatistics) { self.figures = Mutex(figures) }

  var current: StoreStatistics { figures.withLock { $0 } }

  func update(_ change: (inout StoreStatistics) -> Void) { figures.withLock { change(&$0) } }
}
