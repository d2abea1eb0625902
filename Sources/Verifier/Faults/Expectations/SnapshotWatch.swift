/// What a node must do whose disk lags while snapshots are due: make them, too, so that its log stays bounded.
struct SnapshotWatch: Sendable {
  private struct Record {
    var last: UInt64
    var made = 0
    var peakBytes: UInt64 = 0
    var bytes: UInt64 = 0
  }

  /// The others make so many before it is clear that one was due.
  static let due = 2
  /// Of the log, beside what the others have: a segment that is full, one that is begun, one in advance, and what came in
  /// while a snapshot was being made.
  static let slack: UInt64 = 8 << 20

  /// Whose disk is slow.
  let node: String
  private var records: [String: Record] = [:]

  init(node: String) { self.node = node }

  /// What a node says of itself.
  mutating func saw(_ name: String, snapshot: UInt64, logBytes: UInt64) {
    var record = records[name] ?? Record(last: snapshot)
    if snapshot > record.last { (record.last, record.made) = (snapshot, record.made + 1) }
    record.bytes = logBytes
    record.peakBytes = max(record.peakBytes, logBytes)
    records[name] = record
  }

  private var others: [Record] { records.filter { $0.key != node }.map(\.value) }
  private var own: Record? { records[node] }

  var wasDue: Bool { others.contains { $0.made >= Self.due } }
  var hasMade: Bool { (own?.made ?? 0) > 0 }
  /// Whether its log is as short as those of the others, or nearly.
  var isShort: Bool { (own?.bytes ?? 0) <= Self.slack + 2 * (others.map(\.peakBytes).max() ?? 0) }

  /// To be asked when all that it had time for is over.
  var violations: [Violation] {
    var found: [Violation] = []
    if wasDue, !hasMade {
      found.append(
        Violation(
          "snapshot",
          "\(node) made no snapshot on a slow disk while the others made \(others.map(\.made).max() ?? 0)"))
    }
    let theirs = others.map(\.peakBytes).max() ?? 0
    if let peak = own?.peakBytes, peak > 4 * theirs + 4 * Self.slack {
      found.append(
        Violation(
          "log growth",
          "the log of \(node) grew to \(peak >> 10) KiB on a slow disk, those of the others to "
            + "\(theirs >> 10) KiB"))
    }
    if !isShort {
      found.append(
        Violation(
          "log growth",
          "the log of \(node) stays at \((own?.bytes ?? 0) >> 10) KiB when its disk is well again, "
            + "those of the others had \(theirs >> 10) KiB"))
    }
    return found
  }
}
