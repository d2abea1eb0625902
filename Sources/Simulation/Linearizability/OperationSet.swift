/// Which operations of a history are linearized: a bit for each.
struct OperationSet: Hashable, Sendable {
  private var words: [UInt64]

  init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  mutating func insert(_ operation: Int) { words[operation / 64] |= 1 << UInt64(operation % 64) }
  mutating func remove(_ operation: Int) { words[operation / 64] &= ~(1 << UInt64(operation % 64)) }
}
