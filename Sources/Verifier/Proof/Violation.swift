/// Something that must never happen, and was seen.
package struct Violation: Hashable, Sendable, Encodable {
  /// Which promise is broken: `lost`, `order`, `stale read`...
  package var check: String
  package var session: String?
  /// What was seen, for people.
  package var text: String

  package init(_ check: String, session: String? = nil, _ text: String) {
    self.check = check
    self.session = session
    self.text = text
  }
}

/// All checks, in the order of the report.
package enum Proof {
  package struct Check: Sendable {
    /// What is promised, in words.
    package var promise: String
    package var run: @Sendable (Evidence) -> [Violation]
  }

  package static let checks: [Check] = [
    Check(promise: "what was acknowledged is in the history of every node") { TranscriptCheck($0).violations },
    Check(promise: "followers got every message once, in order") { DeliveryCheck($0).violations },
    Check(promise: "acks and messages of every connection come in order, each once") { $0.misheard },
    Check(promise: "reads are linearizable") { ReadCheck($0).violations },
    Check(promise: "one owner per epoch, and epochs only rise") { OwnershipCheck.violations(in: $0) },
    Check(promise: "no agent has too many chats, no chat two agents") { AgentCheck.violations(in: $0) },
    Check(promise: "who came first is served first") { QueueCheck.violations(in: $0) },
    Check(promise: "a chat is handed on as often as was asked") { TransferCheck.violations(in: $0) },
    Check(promise: "an operation is done once") { $0.repeatedWrongly },
    Check(promise: "nobody of another desk is told anything") { $0.crossed },
    Check(promise: "an open is one session, a closed one takes no more") { LifeCheck.violations(in: $0) },
  ]

  /// - Returns: for each check of `checks`, what it found.
  package static func violations(in evidence: Evidence) -> [[Violation]] {
    checks.map { $0.run(evidence) }
  }
}
