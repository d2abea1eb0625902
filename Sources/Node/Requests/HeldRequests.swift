import Desk
package import Protocol

/// What a request of a client weighs while it waits: what it brings from outside, and something for itself.
extension ClientRequest {
  package var heldBytes: Int {
    let own =
      switch body {
      case .open(let open):
        open.id.utf8.count + open.channel.utf8.count + open.skill.utf8.count + open.intent.utf8.count
          + open.attributes.reduce(0) { $0 + $1.name.utf8.count + $1.json.utf8.count }
      case .send(_, let id, let body): id.utf8.count + body.count
      case .arrange(let record, _): record.size
      case .perform(let record): record.size
      case .govern(let record): record.requestID.utf8.count + record.fields.count
      case .query(let asked): asked.size
      case .join, .resume, .history, .typing, .read, .disconnected: 0
      }
    return Self.overhead + own
  }

  private static var overhead: Int { 256 }

  /// What is said to whoever asked when nothing more may wait; nil: nobody waits for an answer.
  package var replyWhenFull: Reply? { reply(refusing: .tooManyRequests) }

  /// What is said to whoever asked for what is not done; nil: nobody waits for an answer.
  func reply(refusing failure: Failure) -> Reply? {
    switch body {
    case .typing, .read, .disconnected: nil
    // Whoever resumes would wait for ever for a second try: it joins anew.
    case .resume(let session, _): .resumed(session, recovered: false)
    case .open, .join, .send, .arrange, .perform, .govern, .history, .query: .failed(failure)
    }
  }
}

extension Node {
  /// Whether so much waits already that is not even under way that nothing more may.
  func mayHold(_ request: ClientRequest) -> Bool {
    order.bytes + held.bytes + request.heldBytes <= configuration.maxHeldBytes
  }

  /// What this node's own state answers, as it is.
  mutating func readsLocally(_ request: ClientRequest) {
    guard reads.count < configuration.maxReads else {
      return answer(request, .failed(.tooManyRequests))
    }
    reads.mayRead([.client(request)])
  }

  /// A read begins to wait, or is refused when too many do.
  mutating func wait(_ waiter: ReadBarriers.Waiter, for request: ClientRequest) {
    guard reads.count < configuration.maxReads else {
      return answer(request, request.replyWhenFull ?? .failed(.tooManyRequests))
    }
    reads.wait(waiter, since: now)
  }
}
