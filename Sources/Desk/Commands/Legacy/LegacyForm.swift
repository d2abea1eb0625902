/// The forms of operations from before there were envelopes: a command of its own for each. They are written while a cluster
/// is below `Envelope.since`, and read for ever. No operation is added here.
package enum LegacyForm: Hashable, Sendable {
  case close(CloseSession)
  case transfer(TransferSession)

  static func covers(_ operation: UInt16) -> Bool { operation == Close.number || operation == Transfer.number }

  /// - Returns: nil for an envelope that is one in the log, too.
  init?(_ envelope: borrowing Envelope) {
    guard envelope.isLegacy else { return nil }
    if let close = CloseSession(envelope) {
      self = .close(close)
    } else if let transfer = TransferSession(envelope) {
      self = .transfer(transfer)
    } else {
      return nil
    }
  }
}

extension Command {
  package static func close(_ close: CloseSession) -> Command { .perform(close.envelope) }
  package static func transfer(_ transfer: TransferSession) -> Command { .perform(transfer.envelope) }
}
