package import Kernel

/// What applying a command has brought about, in order. Effects are for the shell; nothing in the state depends
/// on what the shell does with them.
package enum Effect: Hashable, Sendable {
  /// The answer to a submission; for the origin's server alone.
  case answer(Origin, Answer)
  /// A new message, to be delivered to whoever follows the session.
  case message(SessionID, Sequence)
  /// A session has changed its state.
  case session(SessionID, SessionChange)
  /// Something that an operation tells to whoever follows the session.
  case news(SessionID, NewsRecord)
  /// An agent's status, skills, capacity or presence has changed.
  case agent(DeskNumber, AgentID)
  /// That many sessions of a lost server have new owners, and that many agents are no longer present on it.
  /// more: it has sessions or presences left; the command has to be given again.
  case serverLost(ServerID, sessions: Int, agents: Int, more: Bool)
  /// So many chats were taken from agents who did not come back in time.
  case timePassed(chats: Int)
  /// From now on the cluster writes what is new at this level.
  case levelRaised(Level)
  /// Somebody of the staff has changed or read what is not their own.
  indirect case audited(AuditLink)
  /// Something was said of a session that has left the state: what archives have of it now.
  indirect case annotated(ArchivedSession)
}

package enum Answer: Hashable, Sendable {
  /// Also for a repeated request: `isNew` is false then.
  case opened(SessionID, isNew: Bool)
  /// Also for a repeated message id: the first one's sequence and time.
  case stored(SessionID, Sequence, time: UInt64, isNew: Bool)
  case done
  case refused(Refusal)
}

package enum Refusal: Error, Hashable, Sendable {
  case notFound
  case sessionClosed
  /// The id was used before, for something else.
  case conflict
  /// The person may not do this.
  case forbidden
  /// The session is not what the operation expects.
  case preconditionFailed
  /// Nobody of that id was ever an agent.
  case noSuchAgent
  /// The agent is not online, or has no room.
  case agentUnavailable
  /// The proposer no longer owns the session; the owner must be looked up anew.
  case staleEpoch
  /// It cannot be done any more.
  case tooLate
  /// The server has started anew since it numbered the request.
  case earlierLife
  /// There is no such desk, or none any more.
  case noSuchDesk
  /// The desk has as many open sessions, or agents, as its settings allow.
  case deskFull
  /// The desk takes no new sessions.
  case deskClosed
  /// There is another desk of that name.
  case deskExists
  /// Sessions of the desk are open.
  case deskInUse
  /// The cluster has as many desks as it can.
  case tooManyDesks
  /// A session of the customer is open, or too many are not gone yet.
  case customerInUse
  /// The cluster remembers as many erasures as it can.
  case tooManyErasures
  /// The calendar is of another version than the operation expects.
  case calendarChanged
  /// The timers' rules are of another version than the operation expects.
  case timersChanged
  /// The desk has as many calendars as it can.
  case tooManyCalendars
  /// As many wait as the policy of the session allows.
  case queueFull
  /// The policy is of another version than the operation expects.
  case policyChanged
  /// The desk has as many policies as it can.
  case tooManyPolicies
  /// Sessions still wait under policies of before.
  case policiesInUse
  /// Somebody else serves the session already.
  case taken
  /// Nobody serves the session.
  case unserved
  /// As many are invited to the session as can be.
  case tooManyInvited
  /// As many watch the session as can.
  case tooManyWatching
  /// The session has as many notes as it can.
  case tooManyNotes
  /// The offer that is meant has ended, or was to somebody else.
  case offerEnded
}

package enum SessionChange: Hashable, Sendable {
  case opened
  /// The agent did not come back in time; what comes next says where the session went.
  case released(by: AgentID)
  /// Somebody has handed it on; what comes next says where the session is now. nil: it was waiting.
  case transferred(from: AgentID?, to: Transfer.Target)
  /// Place in the queue of its skill, from 1.
  case queued(position: Int)
  case assigned(AgentID)
  case closed(by: Person, reason: String)
  /// The customer is gone: one that waits is passed over.
  case left
  /// The customer is there again; for one that was passed over, what comes next says where it is now.
  case returned
  /// So many offers came to nothing, one behind the other: those who lead the desk should know.
  case unclaimed(offers: UInt32)
}
