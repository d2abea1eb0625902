extension SessionID {
  /// Whether it is of that desk and was given out before that entry of the log.
  package func wasOpened(in desk: DeskNumber, before index: UInt64) -> Bool {
    self.desk == desk && logIndex < index
  }
}
