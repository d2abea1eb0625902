/// Begins a conversation.
package struct Open: ClientOperation {
  package static let name: StaticString = "open"
  package static let frameType: UInt8 = 16
  package static let summary = "Open a session"
  package static let about = """
    It is given to an agent at once, or waits in the queue. The same customer with the same id gets the same session \
    again; with the same id and other fields, a refusal (`conflict`).
    """
  package static let allowed = Roles.customer
  package static let audit = AuditRule.never
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/sessions")
  package static let answer = AnswerKind.opened

  package var channel: String
  package var skill: String
  package var intent: String
  package var priority: Int32?
  package var attributes: [Attribute]

  package init(
    channel: String = "", skill: String = "", intent: String = "", priority: Int32? = nil,
    attributes: [Attribute] = []
  ) {
    (self.channel, self.skill, self.intent) = (channel, skill, intent)
    (self.priority, self.attributes) = (priority, attributes)
  }

  package static let fields = Fields(
    Self.init(channel:skill:intent:priority:attributes:),
    Field(1, "channel", { $0.channel }, .name(64, mayBeEmpty: true).or(""), "Where the customer comes from."),
    Field(
      2, "skill", { $0.skill }, .name(64, mayBeEmpty: true).or(""),
      "What the agent has to know; empty: anybody will do."),
    Field(3, "intent", { $0.intent }, .name(64, mayBeEmpty: true).or(""), "What it is about."),
    Field(
      4, "priority", { $0.priority }, .optional(.priority),
      "Higher goes first. Without it the token's counts, else 0; higher than the token allows is refused."),
    Field(
      5, "attributes", { $0.attributes }, .attributes.or([]),
      "Any members, kept as they came: at most 64, names of 128 bytes, values of 4096, 16384 bytes in all."))

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    .open(
      OpenRequest(
        id: asker.requestID, channel: channel, skill: skill, intent: intent,
        priority: try asker.entitlement.priority(priority), attributes: attributes))
  }
}
