import Desk
import Protocol
import Synchronization

/// A gateway loop that keeps what it is given.
final class KeptDeliveries: DeliverySink {
  private let kept = Mutex<[Delivery]>([])

  func deliver(_ batch: [Delivery]) { kept.withLock { $0 += batch } }
  var openConnections: Int { 1 }
  var deliveries: [Delivery] { kept.withLock { $0 } }

  /// Of replies, the tag and a word or two.
  var words: [String] {
    deliveries.compactMap { delivery in
      guard case .reply(_, let tag, let reply) = delivery else { return nil }
      switch reply {
      case .opened: return "\(tag) opened"
      case .acknowledged(_, let sequence, _): return "\(tag) ack \(sequence.rawValue)"
      case .failed(let failure): return "\(tag) \(failure.code.rawValue)"
      case .resumed(_, let recovered): return "\(tag) \(recovered ? "" : "not ")resumed"
      case .joined, .missed, .gap, .done, .history, .answer: return "\(tag) other"
      }
    }
  }
}
