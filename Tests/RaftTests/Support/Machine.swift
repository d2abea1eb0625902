import Raft

/// A state machine that depends on every entry and on their order.
struct Machine: Equatable {
  var index = LogIndex.zero
  var term = Term.zero
  var time: UInt64 = 0
  var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func apply(_ entry: Entry) {
    index = entry.index
    term = entry.term
    time = entry.time
    for byte in entry.data + [UInt8(truncatingIfNeeded: entry.term.rawValue)] {
      digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
    }
  }

  func encode() -> [UInt8] {
    var bytes: [UInt8] = []
    for value in [index.rawValue, term.rawValue, time, digest] {
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))) }
    }
    return bytes
  }

  init() {}
  init(_ bytes: [UInt8]) {
    func value(_ position: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 | UInt64(bytes[position * 8 + $1]) << UInt64($1 * 8) }
    }
    guard bytes.count == 32 else { return }
    index = LogIndex(value(0))
    term = Term(value(1))
    time = value(2)
    digest = value(3)
  }
}
