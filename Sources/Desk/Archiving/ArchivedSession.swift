/// A session that is over, without what was said in it: as an archive keeps it, and as it is listed.
package struct ArchivedSession: Hashable, Sendable {
  package var session: SessionID
  package var customer: String
  package var customerName: String
  package var channel: String
  package var skill: String
  package var intent: String
  package var priority: Int32
  package var attributes: [Attribute]
  /// Who served it last, sorted.
  package var agents: [String]
  /// ms since 1970.
  package var openedAt: UInt64
  /// ms since 1970.
  package var closedAt: UInt64
  package var closedBy: String
  package var reason: String
  /// The last sequence.
  package var messages: UInt64
  /// 1 to 5; nil: the customer has not said.
  package var rating: UInt32?
  package var comment: String?
  // Of sessions that were opened at level 7 or later, and of no others: see `SessionFigures`.
  /// ms since 1970.
  package var assignedAt: UInt64?
  /// ms since 1970.
  package var answeredAt: UInt64?
  package var answeredBy: String?
  package var customerMessages: UInt64?
  package var staffMessages: UInt64?
  package var transfers: UInt64?
  package var releases: UInt64?
  /// ms since 1970.
  package var ratedAt: UInt64?
  package var ratedAgent: String?
  /// What is of nobody's business but the team's: in archives, and in no list of sessions. From level 9 on.
  package var team: ArchivedTeam?

  init(
    session: SessionID, customer: String, customerName: String, channel: String, skill: String, intent: String,
    priority: Int32, attributes: [Attribute], agents: [String], openedAt: UInt64, closedAt: UInt64,
    closedBy: String, reason: String, messages: UInt64, rating: UInt32?, comment: String?, assignedAt: UInt64?,
    answeredAt: UInt64?, answeredBy: String?, customerMessages: UInt64?, staffMessages: UInt64?,
    transfers: UInt64?, releases: UInt64?, ratedAt: UInt64?, ratedAgent: String?
  ) {
    (self.session, self.customer, self.customerName) = (session, customer, customerName)
    (self.channel, self.skill, self.intent, self.priority) = (channel, skill, intent, priority)
    (self.attributes, self.agents, self.openedAt, self.closedAt) = (attributes, agents, openedAt, closedAt)
    (self.closedBy, self.reason, self.messages) = (closedBy, reason, messages)
    (self.rating, self.comment, self.ratedAt, self.ratedAgent) = (rating, comment, ratedAt, ratedAgent)
    (self.assignedAt, self.answeredAt, self.answeredBy) = (assignedAt, answeredAt, answeredBy)
    (self.customerMessages, self.staffMessages) = (customerMessages, staffMessages)
    (self.transfers, self.releases) = (transfers, releases)
  }

  /// About what it takes in memory, in bytes.
  package var bytes: Int {
    attributes.reduce(1_024 + (comment?.utf8.count ?? 0) + (team?.bytes ?? 0)) {
      $0 + $1.name.utf8.count + $1.json.utf8.count + 64
    }
  }

  package static let fields = Fields(
    Self.init(
      session:customer:customerName:channel:skill:intent:priority:attributes:agents:openedAt:closedAt:closedBy:
      reason:messages:rating:comment:assignedAt:answeredAt:answeredBy:customerMessages:staffMessages:transfers:
      releases:ratedAt:ratedAgent:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(2, "customer", { $0.customer }, .name(128), "Who has opened it."),
    Field(3, "customer_name", { $0.customerName }, .text(256), "That one's name."),
    Field(4, "channel", { $0.channel }, .text(64), "Where the customer came from."),
    Field(5, "skill", { $0.skill }, .text(64), "Who was asked to serve it, last."),
    Field(6, "intent", { $0.intent }, .text(256), "What the customer wanted."),
    Field(7, "priority", { $0.priority }, .priority, "Higher went first."),
    Field(8, "attributes", { $0.attributes }, .attributes, "What the site said of the customer."),
    Field(9, "agents", { $0.agents }, .list(of: .name(128), upTo: 256), "Who served it last."),
    Field(10, "opened_at", { $0.openedAt }, .time, "In ms since 1970."),
    Field(11, "closed_at", { $0.closedAt }, .time, "In ms since 1970."),
    Field(12, "closed_by", { $0.closedBy }, .text(128), "Who has closed it."),
    Field(13, "reason", { $0.reason }, .text(256), "Why."),
    Field(14, "messages", { $0.messages }, .number, "How many were said."),
    Field(15, "rating", { $0.rating }, .optional(.amount(1...5)), "From 1 to 5, where the customer has said."),
    Field(16, "comment", { $0.comment }, .optional(.text(2_000)), "What the customer said to it."),
    Field(17, "assigned_at", { $0.assignedAt }, .optional(.time), "When it was first given to an agent."),
    Field(
      18, "answered_at", { $0.answeredAt }, .optional(.time), "When staff said something first after that."),
    Field(19, "answered_by", { $0.answeredBy }, .optional(.text(128)), "Who it was."),
    Field(20, "customer_messages", { $0.customerMessages }, .optional(.number), "How many the customer said."),
    Field(21, "staff_messages", { $0.staffMessages }, .optional(.number), "How many those said who served."),
    Field(22, "transfers", { $0.transfers }, .optional(.number), "How often it was handed on."),
    Field(
      23, "releases", { $0.releases }, .optional(.number), "How often it waited again, its agent being gone."),
    Field(24, "rated_at", { $0.ratedAt }, .optional(.time), "When the customer has rated it."),
    Field(25, "rated_agent", { $0.ratedAgent }, .optional(.text(128)), "Who served then, or last."))
}
