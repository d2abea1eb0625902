internal import Kernel

/// Finds a message by its id: an open-addressed table of eight bytes a slot, which holds 32 bits of the id's hash
/// and the sequence; the id itself lies in the transcript and is compared there.
///
/// The hash is the standard library's, keyed at random in each process, so that no client can choose ids that
/// collide. The table's layout therefore differs between nodes; nothing of it is ever given out or kept.
struct MessageIDIndex: Sendable {
  /// Hash in the upper half, sequence in the lower one; 0: free. The count is a power of two.
  private var slots: [UInt64] = []
  private(set) var count = 0

  static func tag(_ id: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(id))
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  static func tag(of id: String) -> UInt32 { id.withBytes(tag) }

  /// - Parameter matches: whether the message at that sequence has the id.
  @inline(__always)
  func find(_ tag: UInt32, matches: (UInt32) -> Bool) -> UInt32? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var place = Int(tag) & mask
    // At most three quarters of the slots are taken: there is a free one to end at.
    while slots[place] != 0 {
      let slot = slots[place]
      let sequence = UInt32(truncatingIfNeeded: slot)
      if UInt32(truncatingIfNeeded: slot >> 32) == tag, matches(sequence) { return sequence }
      place = (place + 1) & mask
    }
    return nil
  }

  /// - Parameter sequence: from 1; its id is not in the table yet.
  mutating func insert(_ tag: UInt32, sequence: UInt32) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    place(UInt64(tag) << 32 | UInt64(sequence))
    count += 1
  }

  /// Forgets the messages up to that sequence. To be asked for many at once: the table is made anew.
  mutating func removeAll(through sequence: UInt32) {
    let old = slots
    var kept = 0
    for slot in old where UInt32(truncatingIfNeeded: slot) > sequence { kept += 1 }
    var size = 8
    while (kept + 1) * 4 > size * 3 { size *= 2 }
    slots = [UInt64](repeating: 0, count: size)
    for slot in old where UInt32(truncatingIfNeeded: slot) > sequence { place(slot) }
    count = kept
  }

  private mutating func place(_ slot: UInt64) {
    let mask = slots.count - 1
    var place = Int(slot >> 32) & mask
    while slots[place] != 0 { place = (place + 1) & mask }
    slots[place] = slot
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: max(old.count * 2, 8))
    for slot in old where slot != 0 { place(slot) }
  }
}
