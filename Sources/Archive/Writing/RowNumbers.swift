import GRDB

/// Gives chunks their row numbers, which rise with the time of the last message: 16 numbers are for 16 seconds of the month. Where
/// they are taken, the next free ones behind them are given.
///
/// Close numbers are small differences, and differences are most of what the index of words has: with a number for each
/// millisecond it took three times as much.
struct RowNumbers {
  private static let window: UInt64 = 16_000
  private static let perWindow: Int64 = 16

  private let start: UInt64
  /// Windows that are full, with one behind them that may have room.
  private var full: [Int64: Int64] = [:]

  /// - Parameter start: of the month, in ms since 1970.
  init(since start: UInt64) { self.start = start }

  mutating func next(for time: UInt64, _ db: Database) throws -> Int64 {
    let wanted = Int64(clamping: (max(time, start) - start) / Self.window)
    var window = wanted
    while let next = full[window] { window = next }
    let last = try db.cachedStatement(sql: "SELECT max(row) FROM chunk WHERE row BETWEEN ? AND ?")
    while true {
      let first = window * Self.perWindow
      let row = try Int64.fetchOne(last, arguments: [first, first + Self.perWindow - 1])
      if (row ?? 0) < first + Self.perWindow - 1 {
        // So that the next one does not go the whole way again.
        if window > wanted { full[wanted] = window }
        return (row ?? (first - 1)) + 1
      }
      full[window] = window + 1
      window += 1
    }
  }
}
