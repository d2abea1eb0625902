package import Kernel

/// The one table of which level knows which command. A command is not proposed before the cluster's level is at least
/// `since`, and an entry names the highest `since` of its commands.
extension Command {
  /// The first level whose builds read this command, its fields included.
  package var since: Level {
    switch self {
    case .open, .setStatus, .endPresences: desk == .main ? .first : .fourth
    case .send, .serverLost: .first
    case .timePasses(let time): time.endedBefore == nil ? .first : .sixth
    case .dropMonths: .seventh
    case .noteRead: .eighth
    case .annotate(let annotation): max(annotation.envelope.level, AnnotateSession.since)
    case .attend: .second
    case .perform(let envelope): envelope.level
    case .govern(let envelope): envelope.record.since
    case .arrange(let envelope): envelope.record.since
    // It is what announces the level, so nobody below may ever meet it.
    case .raiseLevel(let raise): max(raise.level, .second)
    }
  }
}
