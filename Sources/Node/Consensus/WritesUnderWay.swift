import Raft

/// Writes that the disk has not called durable yet, and the messages that wait for them.
struct WritesUnderWay {
  private var writes: [(number: UInt64, messages: [Raft.Message])] = []

  var isEmpty: Bool { writes.isEmpty }
  var lastNumber: UInt64? { writes.last?.number }

  mutating func submitted(_ write: Write) { writes.append((write.number, write.messages)) }

  /// - Returns: the numbers of the writes up to this one, and what may be sent now.
  mutating func ended(_ number: UInt64) -> (numbers: [UInt64], messages: [Raft.Message]) {
    let ended = writes.prefix { $0.number <= number }
    guard !ended.isEmpty else { return ([], []) }
    let result = (ended.map(\.number), ended.flatMap(\.messages))
    writes.removeFirst(ended.count)
    return result
  }

  /// They are not carried out, and what waited for them is never sent.
  mutating func refused(_ number: UInt64) { writes.removeAll { $0.number <= number } }
}
