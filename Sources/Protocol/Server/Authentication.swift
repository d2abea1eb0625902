package import Desk

/// What a verified token says.
package struct Claims: Hashable, Sendable {
  package var person: Person
  /// The desk that the person is of; nil when the token has no such claim: of the main one, and an admin then is one of the
  /// cluster.
  package var desk: DeskName?
  /// For agents: the skills that `status` may name, and all of them when it names none; nil when the token has no such
  /// claim.
  package var skills: [SkillWeight]?
  /// For agents: chats at a time, the most that `status` may ask for and its word when it asks for none; nil when the
  /// token has no such claim.
  package var capacity: UInt32?
  /// For customers: the highest priority that `open` may ask for and its word when it asks for none; nil when the token
  /// has no such claim.
  package var priority: Int32?
  /// The `exp` claim in ms since 1970; `UInt64.max`: the token does not expire.
  package var expiresAtMilliseconds: UInt64

  package init(
    person: Person, desk: DeskName? = nil, skills: [SkillWeight]? = nil, capacity: UInt32? = nil,
    priority: Int32? = nil, expiresAtMilliseconds: UInt64
  ) {
    self.person = person
    self.desk = desk
    self.skills = skills
    self.capacity = capacity
    self.priority = priority
    self.expiresAtMilliseconds = expiresAtMilliseconds
  }
}

/// What became of a token.
package enum Verdict: Hashable, Sendable {
  case accepted(Claims)
  /// The token is malformed, forged or expired; the reason is told to the client, so it must hold no secret.
  case rejected(String)
  /// Too many tokens wait to be verified: the client is sent to another node (close 4013).
  case busy
}

/// Where verdicts are told: a gateway loop.
package protocol VerdictSink: AnyObject, Sendable {
  /// From any thread; to be called once for each token. Verdicts are gathered: the loop wakes once for many.
  func tell(_ verdict: Verdict, for connection: ConnectionID)
}

/// Verifies the tokens of clients elsewhere, for instance one service task behind a bounded queue.
package protocol TokenVerifying: AnyObject, Sendable {
  /// Takes a token. Called on an event loop: it must not block, and must not wait. When the queue is full, tell
  /// `.busy` at once. `GatewayLoop` is the sink; it may be told from within this call.
  func verify(_ token: String, for connection: ConnectionID, sink: any VerdictSink)
}
