package import Kernel

/// Sets the policy by which conversations of a channel and an intent are given to agents.
package struct SetPolicy: DeskOperation {
  package static let number: UInt16 = 200
  package static let since = Level.ninth
  package static let name: StaticString = "set_policy"
  package static let frameType: UInt8 = 100
  package static let summary = "Set the policy by which conversations are given to agents"
  package static let about = """
    For admins of the desk. It is taken as a whole, and in force for the next conversation that is given to an agent; who waits keeps \
    the place. `*` stands for any channel, and for any intent. A conversation has the policy of its channel and intent, else that of its \
    channel and `*`, of `*` and its intent, of `*` and `*`, else the built-in one (`least_connections`). What is not known is refused \
    by name.
    """
  package static let allowed = Roles.admin
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/policies/{channel}/{intent}")
  package static let noun: Noun? = .desk

  /// Policies of a desk.
  package static let most = PolicyTable.most

  package var channel: String
  package var intent: String
  package var policy: Policy
  package var expecting: UInt64?
  package init(channel: String, intent: String, policy: Policy, expecting: UInt64? = nil) {
    (self.channel, self.intent, self.policy, self.expecting) = (channel, intent, policy, expecting)
  }

  package static let fields = Fields(
    Self.init(channel:intent:policy:expecting:),
    Field(1, "channel", { $0.channel }, .name(64), "Of which channel; `*`: of any."),
    Field(2, "intent", { $0.intent }, .name(64), "Of which intent; `*`: of any."),
    Field(3, "policy", { $0.policy }, .policy, "The document: docs/routing.md."),
    Field(
      4, "expecting", { $0.expecting }, .optional(.number),
      "The version that the policy has to be of now, else nothing is done; 0: there is to be none."))

  package var auditMatter: AuditMatter { AuditMatter(detail: "\(channel) \(intent) \(policy.algorithm.name)") }

  package func apply(to scope: inout DeskScope) throws(Refusal) {
    let key = PolicyKey(channel: channel, intent: intent)
    let before = scope.desk.policies.policy(for: key)
    try scope.desk.checkPolicy(before, is: expecting)
    guard before != nil || scope.desk.policies.count < Self.most else { throw .tooManyPolicies }
    scope.desk.policies.set(policy, for: key, at: scope.desk.now)
  }
}

extension DeskState {
  /// - Parameters:
  ///   - before: the policy that is there; nil: none.
  ///   - version: that it has to be of; nil: any.
  /// - Throws: `Refusal` when it may not be changed now.
  func checkPolicy(_ before: KeptPolicy?, is version: UInt64?) throws(Refusal) {
    if let version, version != before?.version ?? 0 { throw .policyChanged }
    guard policies.hasRoomForOutdated else { throw .policiesInUse }
  }
}
