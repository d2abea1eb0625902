package import Kernel

/// Deletes a policy.
package struct DeletePolicy: DeskOperation {
  package static let number: UInt16 = 201
  package static let since = Level.ninth
  package static let name: StaticString = "delete_policy"
  package static let frameType: UInt8 = 101
  package static let summary = "Delete the policy of a channel and an intent"
  package static let about = """
    For admins of the desk. Its conversations have the next one then in the order of `set_policy`; who waits keeps the place. One that \
    is not there is deleted already.
    """
  package static let allowed = Roles.admin
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/policies/{channel}/{intent}/delete")
  package static let noun: Noun? = .desk

  package var channel: String
  package var intent: String
  package var expecting: UInt64?
  package init(channel: String, intent: String, expecting: UInt64? = nil) {
    (self.channel, self.intent, self.expecting) = (channel, intent, expecting)
  }

  package static let fields = Fields(
    Self.init(channel:intent:expecting:),
    Field(1, "channel", { $0.channel }, .name(64), "Of which channel; `*`: that of any."),
    Field(2, "intent", { $0.intent }, .name(64), "Of which intent; `*`: that of any."),
    Field(
      3, "expecting", { $0.expecting }, .optional(.number),
      "The version that the policy has to be of now, else nothing is done."))

  package var auditMatter: AuditMatter { AuditMatter(detail: "\(channel) \(intent)") }

  package func apply(to scope: inout DeskScope) throws(Refusal) {
    let key = PolicyKey(channel: channel, intent: intent)
    let before = scope.desk.policies.policy(for: key)
    try scope.desk.checkPolicy(before, is: expecting)
    if before != nil { scope.desk.policies.remove(key) }
  }
}
