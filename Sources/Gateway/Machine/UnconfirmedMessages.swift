import Desk

/// Messages that a client with receipts has not confirmed yet, in the order in which they were sent.
struct UnconfirmedMessages {
  private struct Message {
    var session: SessionID
    var sequence: Sequence
    /// The frame's payload, shared with the other connections of this loop.
    var payload: [UInt8]
    var due: UInt64
    /// How often it was sent again.
    var attempts: Int
  }

  private var messages: [Message] = []
  /// Of all payloads.
  private(set) var bytes = 0
  /// When the next one is due; `UInt64.max` when none waits. May be too early after receipts, never too late.
  private(set) var nextDue = UInt64.max

  var isEmpty: Bool { messages.isEmpty }

  mutating func add(
    _ session: SessionID, _ sequence: Sequence, payload: [UInt8], due: UInt64
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
      nextDue = .max
    }
  }

  mutating func forget(_ session: SessionID) {
    confirm(session, through: Sequence(.max))
  }

  /// Hands out what is due, and plans it anew after twice the wait of the time before.
  /// - Returns: false when a message was sent again as often as allowed, and still nobody confirmed it.
  mutating func resend(
    now: UInt64, wait: Int, attempts: Int, _ send: ([UInt8]) -> Void
  ) -> Bool {
    nextDue = .max
    for index in messages.indices {
      if messages[index].due <= now {
        guard messages[index].attempts < attempts else { return false }
        messages[index].attempts += 1
        messages[index].due = now + UInt64(wait) << UInt64(messages[index].attempts)
        send(messages[index].payload)
      }
      nextDue = min(nextDue, messages[index].due)
    }
    return true
  }
}
