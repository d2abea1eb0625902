/// Commands that belong to the order of one session and are proposed by its owner.
extension Command {
  /// The session whose owner has to propose it; nil when it belongs to none.
  package var session: SessionID? {
    switch self {
    case .send(let send): send.session
    case .perform(let envelope): envelope.session
    case .open, .setStatus, .endPresences, .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend, .govern,
      .arrange, .noteRead, .annotate:
      nil
    }
  }

  /// In whose order of a connection's requests it stands: also that of a session which nobody owns any more.
  package var orderedSession: SessionID? {
    if case .annotate(let annotation) = self { annotation.row.session } else { session }
  }

  /// The same command, proposed by an owner under its epoch.
  package func under(_ epoch: Epoch) -> Command {
    switch self {
    case .send(var send):
      send.epoch = epoch
      return .send(send)
    case .perform(var envelope):
      envelope.epoch = epoch
      return .perform(envelope)
    case .open, .setStatus, .endPresences, .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend, .govern,
      .arrange, .noteRead, .annotate:
      return self
    }
  }
}
