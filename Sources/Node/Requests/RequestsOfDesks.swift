package import Desk
import Protocol

/// A person's word reaches the desk of that person's token, and nothing else: here alone it is made sure of, for every request
/// before anything is done about it.
extension Node {
  /// Whether a session is there, and of that desk.
  package func isThere(_ session: SessionID, in name: DeskName) -> Bool {
    guard let number = state.number(of: name), session.desk == number || has(.desksUnchecked) else {
      return false
    }
    return state.owner(of: session) != nil
  }

  /// - Returns: nil: the request is for the desk of whoever asks.
  func deskFailure(_ request: ClientRequest) -> Failure? {
    guard let number = state.number(of: request.desk) else { return .noSuchDesk }
    guard let session = request.body.session, session.desk != number, !has(.desksUnchecked) else { return nil }
    return .noSuchSession
  }

  /// A desk that this node does not know may have been created through another one, which is known once this node is up to
  /// date.
  mutating func mayBeCreated(_ request: ClientRequest, _ failure: Failure) {
    // What nobody waits for is not worth a look.
    guard failure == .noSuchDesk, request.replyWhenFull != nil else { return refuse(request, failure) }
    // And what this node has is wanted as it is.
    if case .query(let asked) = request.body, asked.isLocal { return refuse(request, failure) }
    waitForDesk(request)
  }

  /// Also behind what the client has asked of the session before, when the desk was not known here yet: that has no place in the
  /// order of the connection before it is taken.
  mutating func waitForDesk(_ request: ClientRequest) {
    guard mayHold(request), reads.count < configuration.maxReads else {
      return refuse(request, .tooManyRequests)
    }
    held.add(request, forDesk: true)
    reads.wait(.desk(request), since: now)
  }

  /// A request that was held for its desk, now that the node is up to date: a refusal is final.
  mutating func takeOfNewDesk(_ request: ClientRequest) {
    held.release(request, forDesk: true)
    guard subscriptions.isPresent(request.connection) else { return }
    if let failure = deskFailure(request) { return refuse(request, failure) }
    takeInOrder(request)
  }

  mutating func refuse(_ request: ClientRequest, _ failure: Failure) {
    if let reply = request.reply(refusing: failure) { self.reply(request.connection, request.tag, reply) }
  }
}

extension DeskRequest {
  /// The session that it is about; nil: none.
  var session: SessionID? {
    switch self {
    case .send(let session, _, _), .join(let session, _), .resume(let session, _), .history(let session, _, _),
      .typing(let session, _), .read(let session, _):
      session
    case .perform(let record): record.session
    // A query gets the desk of whoever asks, and finds nothing of another one there.
    case .open, .arrange, .govern, .query, .disconnected: nil
    }
  }
}

extension Failure {
  static let deskFull = Failure(
    .busy, "the desk has as much as its limits allow: try again, or have an admin of the cluster raise them",
    retryAfterMilliseconds: 10_000, isOfAsker: true)
  static let deskClosed = Failure(.forbidden, "the desk takes no new sessions at this time")
  static let deskExists = Failure(
    .conflict, "there is a desk of this name with other limits: configure it, or choose another name")
  static let deskInUse = Failure(
    .conflict, "sessions of this desk are open: close it for new ones, and wait for the last one")
  static let customerInUse = Failure(
    .conflict, "a session of this customer is open: close it first, and ask again")
  static let tooManyErasures = Failure(
    .forbidden, "the cluster remembers \(ErasureLedger.most) erasures, and no more")
  static let calendarChanged = Failure(
    .preconditionFailed,
    "the calendar is of another version than you expect; nothing was done: look at it, and ask anew")
  static let timersChanged = Failure(
    .preconditionFailed,
    "the timers are of another version than you expect; nothing was done: look at them, and ask anew")
  static let tooManyCalendars = Failure(
    .forbidden, "the desk has \(SetCalendar.most) calendars: delete one first")
  static let queueFull = Failure(
    .busy, "as many wait for this as the desk allows: try again later", retryAfterMilliseconds: 10_000,
    isOfAsker: true)
  static let policyChanged = Failure(
    .preconditionFailed,
    "the policy is of another version than you expect: read it, and ask anew with its version and a new id")
  static let tooManyPolicies = Failure(
    .forbidden, "the desk has \(SetPolicy.most) policies: delete one first")
  static let policiesInUse = Failure(
    .busy, "sessions still wait under the policies of before: try again in a moment",
    retryAfterMilliseconds: 1_000, isOfAsker: true)
  static let tooManyDesks = Failure(
    .forbidden, "the cluster has \(DeskNumber.most) desks beside the main one: delete one first")
}
