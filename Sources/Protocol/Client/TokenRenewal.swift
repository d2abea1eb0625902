import Kernel

/// When a new token is to be asked for, and what became of the one that was sent. The server says when the present one
/// ends; no client reads its own token.
struct TokenRenewal: Sendable {
  /// When to ask for one, the next time.
  private(set) var due = Instant.distantFuture
  private var end = Instant.distantFuture
  /// The id of the `hello` that brought a new one and has no answer yet.
  private var sent: String?
  private var count: UInt64 = 0

  private static let least = Span.milliseconds(1000)

  /// The server warns.
  mutating func ends(inMilliseconds wait: Int, at now: Instant) {
    end = now + .milliseconds(Int64(min(max(wait, 0), ReceivedFrame.longestWait)))
    due = now
  }

  /// - Returns: whether to ask now. Whoever has none to give is asked again when half of the time has gone.
  mutating func isDue(at now: Instant) -> Bool {
    guard due <= now else { return false }
    let next = now + max(Self.least, (end - now) / 2)
    due = next < end ? next : .distantFuture
    return true
  }

  mutating func hello(_ token: String) -> SentFrame {
    count += 1
    let frame = SentFrame(ClientHello(token: token), id: "token:\(count)")
    sent = frame.id
    return frame
  }

  /// - Returns: nil when the frame, an `ok` or an `error`, is not the answer to a new token; else what is to be told.
  mutating func answered(_ frame: ReceivedFrame, at now: Instant) -> [ClientAction]? {
    guard let sent, frame.id == sent else { return nil }
    self.sent = nil
    guard frame.type == "error" else {
      due = .distantFuture
      return []
    }
    if let wait = frame.retryAfterMilliseconds {
      due = now + .milliseconds(Int64(min(max(wait, 1), ReceivedFrame.longestWait)))
    } else if frame.code == "bad_frame" {
      // A node of an earlier release takes none: the connection ends, and the next one has a new token.
      due = .distantFuture
    } else {
      return [.emit(.serverError(code: frame.code ?? "error", message: frame.message ?? ""))]
    }
    return []
  }

  /// The connection is gone.
  mutating func forget() {
    due = .distantFuture
    end = .distantFuture
    sent = nil
  }
}
