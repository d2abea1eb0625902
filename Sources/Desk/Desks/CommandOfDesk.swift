/// Commands that are for one desk.
extension Command {
  /// The desk that it is for; `main` for what is for none.
  package var desk: DeskNumber {
    switch self {
    case .open(let open): open.desk
    case .setStatus(let status): status.desk
    case .endPresences(let end): end.items == nil ? .main : end.desk
    case .send(let send): send.session.desk
    case .perform(let envelope): envelope.session.desk
    case .attend(let attendance): attendance.session.desk
    case .arrange(let envelope): envelope.desk
    case .noteRead(let read): read.desk
    case .annotate(let annotation): annotation.row.session.desk
    case .serverLost, .timePasses, .dropMonths, .raiseLevel, .govern: .main
    }
  }

  /// Says its desk in front of it, in the log: the others have a session, whose id says it, or none.
  var isWrapped: Bool {
    switch self {
    case .open, .setStatus, .endPresences: desk != .main
    case .send, .perform, .attend, .serverLost, .timePasses, .dropMonths, .raiseLevel, .govern, .arrange,
      .noteRead, .annotate:
      false
    }
  }

  /// The same for another desk; nil: it does not say its desk.
  func inside(_ desk: DeskNumber) -> Command? {
    switch self {
    case .open(var open):
      open.desk = desk
      return .open(open)
    case .setStatus(var status):
      status.desk = desk
      return .setStatus(status)
    case .endPresences(var end):
      guard end.items != nil else { return nil }
      end.desk = desk
      return .endPresences(end)
    case .send, .perform, .attend, .serverLost, .timePasses, .dropMonths, .raiseLevel, .govern, .arrange,
      .noteRead, .annotate:
      return nil
    }
  }
}
