import Desk
import Kernel

/// What a connection holds beyond the least. Owned by one machine alone.
final class ConnectionExtra {
  // Until the welcome.
  var bearer: String?
  var resume: [(session: SessionID, after: Sequence)] = []
  var oddResume: [ResumeFault] = []

  // A message in fragments.
  var fragments: [UInt8]?
  var isBinary = false
  /// A message that is too long to be kept: looked through as it comes, and forgotten.
  var passedOver: PassedOverMessage?

  // Requests and what they brought.
  var requests = RequestTable()
  /// Sessions opened, joined or resumed from here; those that are asked for count already.
  var sessions: [SessionID] = []
  var sessionsBeingOpened = 0
  var unconfirmed = UnconfirmedMessages()

  /// The id of the `hello` whose token is being verified while the connection lives.
  var renewal: String?
  /// The end of the delay of a `goaway`.
  var departure: Instant?

  // What the token allows, and says where a frame does not.
  var skills: [SkillWeight]?
  var capacity: UInt32?
  var priority: Int32?
  /// nil: it names none.
  var desk: DeskName?

  var isEmpty: Bool {
    bearer == nil && resume.isEmpty && oddResume.isEmpty && fragments == nil && passedOver == nil
      && renewal == nil && departure == nil && requests.count == 0 && sessions.isEmpty
      && sessionsBeingOpened == 0 && unconfirmed.isEmpty && skills == nil && capacity == nil
      && priority == nil && desk == nil
  }
}
