internal import Protocol
import Synchronization

/// Where gateway loops leave their requests for the replica's thread. The lock is held for an append or a swap;
/// whoever puts the first batch into an empty inbox wakes the replica, so a busy one is never woken per message.
final class RequestInbox: Sendable {
  private let batches = Mutex<[[ClientRequest]]>([])

  /// - Returns: true when the inbox was empty: the caller wakes the replica.
  func push(_ batch: [ClientRequest]) -> Bool {
    batches.withLock { batches in
      batches.append(batch)
      return batches.count == 1
    }
  }

  func drain() -> [[ClientRequest]] {
    batches.withLock { batches in
      let all = batches
      batches = []
      return all
    }
  }
}
