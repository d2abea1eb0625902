import Desk

/// The requests of one connection that wait for their answer, each in a slot that the tag of its
/// `ClientRequest` names. Answers come once and nearly in order; a tag that is not open is ignored.
struct RequestTable {
  enum Kind: UInt8 {
    case open, join, resume, send, plain
    /// `history` with `before`: when a page is cut, its oldest messages are left out.
    case historyBackwards
  }

  struct Slot {
    /// The client's id; empty when it chose none.
    var id: String
    var kind: Kind
    /// Of `join` and `resume`.
    var session: SessionID?
    /// Whether that session counts because of this request alone.
    var isNew = false
  }

  /// The slot's number in the low 16 bits, its use in the high ones: an answer that comes twice finds the slot
  /// empty or used anew.
  private var slots: [(slot: Slot?, use: UInt16)] = []
  private var free: [UInt16] = []
  private(set) var count = 0

  /// - Returns: nil when `limit` (0: as many as tags can name) is reached.
  mutating func add(_ slot: Slot, limit: Int) -> UInt32? {
    guard count < (limit == 0 ? 65_535 : min(limit, 65_535)) else { return nil }
    count += 1
    if let place = free.popLast() {
      slots[Int(place)].slot = slot
      return UInt32(slots[Int(place)].use) << 16 | UInt32(place)
    }
    slots.append((slot, 0))
    return UInt32(slots.count - 1)
  }

  mutating func take(_ tag: UInt32) -> Slot? {
    let place = Int(tag & 0xffff)
    guard place < slots.count, slots[place].use == UInt16(tag >> 16), let slot = slots[place].slot else {
      return nil
    }
    slots[place].slot = nil
    slots[place].use &+= 1
    free.append(UInt16(place))
    count -= 1
    return slot
  }
}
