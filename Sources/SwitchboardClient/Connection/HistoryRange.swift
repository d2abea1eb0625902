/// Which part of a history is wanted.
public enum HistoryRange: Sendable, Hashable {
  /// The first messages behind this sequence; 0 begins at the first.
  case after(UInt64)
  /// The last messages before this sequence.
  case before(UInt64)
  /// The first messages at or after this time, in milliseconds since 1970.
  case since(UInt64)
}
