import Desk
import Protocol

/// What one turn reads of transcripts for clients: some milliseconds of work. What is left waits for the next turn, so
/// that many who read much, or one who reads it often, hold up no vote and nobody's ack.
struct ReadBudget {
  static let mostReaders = 1_024
  static let mostMessages = 8_192
  static let mostBytes = 4 << 20

  private var room: Int
  private var messages = 0
  private var bytes = 0

  init(readers: Int = ReadBudget.mostReaders) { room = readers }

  /// Nobody else begins to read in this turn.
  var isSpent: Bool {
    room <= 0 || messages >= Self.mostMessages || bytes >= Self.mostBytes
  }

  /// Nor is anything more read for those whom one entry concerns: there may be hundreds of them.
  var isOverdrawn: Bool { messages >= 2 * Self.mostMessages || bytes >= 2 * Self.mostBytes }

  mutating func spendReader() { room -= 1 }

  /// Sessions were looked at, one by one.
  mutating func spendListed(_ sessions: Int) { room -= sessions / 8 }

  mutating func spend(_ read: [Desk.Message]) {
    messages += read.count
    bytes += read.reduce(0) { $0 + $1.body.count + TranscriptPage.overhead }
  }
}
