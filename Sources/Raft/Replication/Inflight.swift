/// The append messages to one follower that are not answered, limited by count and by bytes.
struct Inflight: Sendable {
  private var messages = Fifo<(last: LogIndex, bytes: Int)>()
  private(set) var bytes = 0

  var count: Int { messages.count }

  mutating func add(last: LogIndex, bytes: Int) {
    messages.append((last, bytes))
    self.bytes += bytes
  }

  /// An answer covers every message that ends at or below `index`.
  mutating func free(through index: LogIndex) {
    while let first = messages.first, first.last <= index {
      bytes -= first.bytes
      _ = messages.removeFirst()
    }
  }

  mutating func clear() {
    messages.removeAll()
    bytes = 0
  }
}
