import Desk
import Kernel

/// Messages that a client with receipts has not confirmed yet, in the order in which they were sent.
struct UnconfirmedMessages {
  private struct Message {
    var session: SessionID
    var sequence: Sequence
    /// The frame's payload, shared with the other connections of this loop.
    var payload: [UInt8]
    var due: Instant
    /// How often it was sent again.
    var attempts: Int
  }

  private var messages: [Message] = []
  /// Of all payloads.
  private(set) var bytes = 0
  /// When the next one is due; `distantFuture` when none waits. May be too early after receipts, never too late.
  private(set) var nextDue = Instant.distantFuture

  var isEmpty: Bool { messages.isEmpty }

  mutating func add(
    _ session: SessionID, _ sequence: Sequence, payload: [UInt8], due: Instant
  ) {
    messages.append(
      Message(session: session, sequence: sequence, payload: payload, due: due, attempts: 0))
    bytes += payload.count
    nextDue = min(nextDue, due)
  }

  /// A receipt: all messages of the session up to `sequence` have come.
  mutating func confirm(_ session: SessionID, through sequence: Sequence) {
    messages.removeAll { message in
      guard message.session == session, message.sequence <= sequence else { return false }
      bytes -= message.payload.count
      return true
    }
    if messages.isEmpty {
      messages = []
      nextDue = .distantFuture
    }
  }

  mutating func forget(_ session: SessionID) {
    confirm(session, through: Sequence(.max))
  }

  /// Hands out what is due, and plans it anew after twice the wait of the time before.
  /// - Returns: false when a message was sent again as often as allowed, and still nobody confirmed it.
  mutating func resend(
    now: Instant, wait: Span, attempts: Int, _ send: ([UInt8]) -> Void
  ) -> Bool {
    nextDue = .distantFuture
    for index in messages.indices {
      if messages[index].due <= now {
        guard messages[index].attempts < attempts else { return false }
        messages[index].attempts += 1
        messages[index].due = now + wait * (1 << min(messages[index].attempts, 32))
        send(messages[index].payload)
      }
      nextDue = min(nextDue, messages[index].due)
    }
    return true
  }
}
