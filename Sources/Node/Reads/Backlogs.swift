import Kernel
import Protocol

/// What connections were brought of what had been said before, without asking for each of it: by being given sessions, by
/// coming online, by resuming. One that is brought much at once would be closed for being slow, come back, and be brought
/// the same again; what is above the bound it reads itself, page by page.
struct Backlogs {
  private static let period = Span.seconds(1)

  /// Of the present period.
  private var bytes: [ConnectionID: Int] = [:]
  private var since = Instant.zero

  /// - Parameter most: bytes of one connection in one period.
  mutating func mayBring(_ more: Int, to connection: ConnectionID, at now: Instant, most: Int) -> Bool {
    if now - since >= Self.period {
      since = now
      bytes.removeAll(keepingCapacity: bytes.count < 1_024)
    }
    guard more > 0 else { return true }
    let sum = bytes[connection, default: 0] + more
    guard sum <= most else { return false }
    bytes[connection] = sum
    return true
  }
}
