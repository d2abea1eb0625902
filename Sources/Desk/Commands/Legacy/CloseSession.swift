internal import Kernel

/// `Close` as levels 1 and 2 have it in logs and between nodes.
package struct CloseSession: Hashable, Sendable {
  package var session: SessionID
  package var epoch: Epoch
  package var by: Person
  package var reason: String
  package init(session: SessionID, epoch: Epoch, by: Person, reason: String) {
    self.session = session
    self.epoch = epoch
    self.by = by
    self.reason = reason
  }

  init?(_ envelope: borrowing Envelope) {
    guard let close = envelope.opened(as: Close.self) else { return nil }
    self.init(session: envelope.session, epoch: envelope.epoch, by: envelope.by, reason: close.reason)
  }

  package var envelope: Envelope {
    Envelope(Close(session: session, reason: reason), id: "", by: by, epoch: epoch, level: .first)
  }
}
