extension SessionID {
  /// Whether it is of that desk and was given out before that entry of the log.
  package func wasOpened(in desk: DeskNumber, before index: UInt64) -> Bool {
    self.desk == desk && (rawValue << 10) >> 22 < index
  }

  /// All ids that `wasOpened` holds for.
  package static func opened(in desk: DeskNumber, before index: UInt64) -> Range<UInt64> {
    let first = UInt64(desk.rawValue) << 54
    return first..<first + min(index, 1 << 42) << 12
  }
}
