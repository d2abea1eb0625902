import Desk
import Protocol

/// What those who serve are told when something cannot be done with a conversation.
extension Failure {
  static let taken = Failure(.taken, "somebody serves this session already; nothing was done")
  static let offerEnded = Failure(
    .taken, "this offer has ended, or was to somebody else; nothing was done", isOfAsker: true)
  /// Without a time to wait: it may be long.
  static let unserved = Failure(
    .busy, "nobody serves this session now: there is nobody to whisper to", isOfAsker: true)
  static let tooManyInvited = Failure(
    .forbidden, "\(Team.mostInvited) agents are invited to this session: one of them has to leave first")
  static let tooManyWatching = Failure(
    .forbidden, "\(Team.mostWatching) people watch this session: one of them has to end that first")
  static let tooManyNotes = Failure(
    .tooLarge,
    "a session has room for \(NoteList.most) notes of \(NoteList.mostBytes) bytes in all, and this one would be too much"
  )
}
