/// Where a session's id comes from, for whoever keeps sessions of all desks in one place.
extension SessionID {
  /// Of the entry that opened it: sessions that were opened later have a higher one, whatever their desk is.
  package var logIndex: UInt64 { (rawValue << UInt64(Self.deskBits)) >> (UInt64(Self.deskBits) + 12) }
}

extension DeskNumber {
  /// What the ids of its sessions lie in.
  package var sessions: ClosedRange<UInt64> {
    let low = UInt64(rawValue) << (64 - UInt64(SessionID.deskBits))
    return low...(low | (UInt64.max >> UInt64(SessionID.deskBits)))
  }
}
