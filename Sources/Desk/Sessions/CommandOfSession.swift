/// Commands that belong to the order of one session and are proposed by its owner.
extension Command {
  /// The session whose owner has to propose it; nil when it belongs to none.
  package var session: SessionID? {
    switch self {
    case .send(let send): send.session
    case .close(let close): close.session
    case .transfer(let transfer): transfer.session
    default: nil
    }
  }

  /// The same command, proposed by an owner under its epoch.
  package func under(_ epoch: Epoch) -> Command {
    switch self {
    case .send(var send):
      send.epoch = epoch
      return .send(send)
    case .close(var close):
      close.epoch = epoch
      return .close(close)
    case .transfer(var transfer):
      transfer.epoch = epoch
      return .transfer(transfer)
    default:
      return self
    }
  }
}
