internal import Kernel

/// Lists closed sessions.
package struct PastSessions: ArchiveQuery {
  package typealias Answer = ClosedSessions

  package static let name: StaticString = "past_sessions"
  package static let frameType: UInt8 = 26
  package static let summary = "Closed sessions, the last closed first"
  package static let about = """
    Customers see their own, supervisors and admins all of the desk. Agents see those that they served last, and, with \
    `customer`, those of a customer whom they serve now. A page can have fewer than `limit` and another one behind it.
    """
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.byStaff
  package static let route: Route? = Route(.get, "/v1/past-sessions")
  package static let verb = "past"

  /// Of one answer, and when nobody says how many.
  package static let most = 100
  package static let usual = 20

  package var customer: String?
  package var agent: String?
  package var skill: String?
  package var channel: String?
  package var ratingFrom: UInt32?
  package var ratingTo: UInt32?
  package var openedFrom: UInt64?
  package var openedBefore: UInt64?
  package var closedFrom: UInt64?
  package var closedBefore: UInt64?
  package var limit: Int
  package var after: ArchivePlace?

  package static let fields = Fields(
    Self.init(
      customer:agent:skill:channel:ratingFrom:ratingTo:openedFrom:openedBefore:closedFrom:closedBefore:limit:
      after:),
    Field(1, "customer", { $0.customer }, .optional(.name(128)), "Those of this customer."),
    Field(2, "agent", { $0.agent }, .optional(.name(128)), "Those that this agent served last."),
    Field(3, "skill", { $0.skill }, .optional(.name(64)), "Those for this skill."),
    Field(4, "channel", { $0.channel }, .optional(.name(64)), "Those from this channel."),
    Field(5, "rating_from", { $0.ratingFrom }, .optional(.amount(1...5)), "Rated so well at the least."),
    Field(6, "rating_to", { $0.ratingTo }, .optional(.amount(1...5)), "Rated so well at the most."),
    Field(
      7, "opened_from", { $0.openedFrom }, .optional(.number), "Opened at or after this, in ms since 1970."),
    Field(8, "opened_before", { $0.openedBefore }, .optional(.number), "Opened before this."),
    Field(
      9, "closed_from", { $0.closedFrom }, .optional(.number), "Closed at or after this, in ms since 1970."),
    Field(10, "closed_before", { $0.closedBefore }, .optional(.number), "Closed before this."),
    Field(
      11, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many at the most, up to \(most)."),
    Field(12, "after", { $0.after }, .optional(.archivePlace), "Where the page before has ended: its `place`."))

  package var auditMatter: AuditMatter { AuditMatter(customer: customer) }

  package func check() throws(Failure) {
    if let ratingFrom, let ratingTo, ratingFrom > ratingTo { throw .emptyRange("rating") }
    if let openedFrom, let openedBefore, openedFrom > openedBefore { throw .emptyRange("opened") }
    if let closedFrom, let closedBefore, closedFrom > closedBefore { throw .emptyRange("closed") }
    if let after, ArchivedSessionCursor(after) == nil { throw .noPlace }
  }

  package func answer(
    to reader: QueryReader, from archive: some ArchiveReading, beside desk: borrowing DeskState
  ) throws(Failure) -> ClosedSessions {
    try check()
    var filter = ArchivedSessionFilter(
      desk: desk.number, customer: customer, agent: agent, skill: skill, channel: channel,
      rating: ratingFrom == nil && ratingTo == nil ? nil : (ratingFrom ?? 1)...(ratingTo ?? 5),
      opened: Self.range(openedFrom, openedBefore), closed: Self.range(closedFrom, closedBefore))
    switch reader.person.role {
    case .customer:
      guard customer.map({ $0.hasSameBytes(as: reader.person.id) }) ?? true else {
        return .none
      }
      filter.customer = reader.person.id
    case .agent:
      let isServed = customer.map { desk.serves(AgentID(reader.person.id), customer: $0) } ?? false
      if !isServed {
        guard agent.map({ $0.hasSameBytes(as: reader.person.id) }) ?? true else {
          return .none
        }
        filter.agent = reader.person.id
      }
    case .supervisor, .admin: break
    }
    let page = try archive.listed(filter, before: after.flatMap(ArchivedSessionCursor.init), limit: limit)
    return ClosedSessions(
      sessions: page.sessions, place: page.next.map(ArchivePlace.init), isComplete: page.isComplete)
  }

  private static func range(_ from: UInt64?, _ end: UInt64?) -> Range<UInt64>? {
    from == nil && end == nil ? nil : (from ?? 0)..<(end ?? .max)
  }

  package static let listField: StaticString = "sessions"
}

/// Closed sessions, the last closed first.
package struct ClosedSessions: ArchivePage, Hashable {
  package static let name: StaticString = "past_sessions"
  package static let frameType: UInt8 = 207

  package var sessions: [ArchivedSession]
  package var place: ArchivePlace?
  /// false: a part of the archive is still to be filled.
  package var isComplete: Bool
  package init(sessions: [ArchivedSession], place: ArchivePlace?, isComplete: Bool) {
    (self.sessions, self.place, self.isComplete) = (sessions, place, isComplete)
  }

  /// Whoever may see none of those that were asked for.
  static let none = ClosedSessions(sessions: [], place: nil, isComplete: true)

  package static let fields = Fields(
    Self.init(sessions:place:isComplete:),
    Field(
      1, "sessions", { $0.sessions }, .list(of: .record(ArchivedSession.fields), upTo: PastSessions.most),
      "The last closed first."),
    Field(
      2, "place", { $0.place }, .optional(.archivePlace),
      "Where the next page begins, for `after`; left out: there is none."),
    Field(
      3, "complete", { $0.isComplete }, .flag.or(true),
      "`false`: a part of this node's archive is still to be filled, and there may be more; else left out."))
}

extension ArchivedSessionCursor {
  /// nil: it is the place of something else.
  init?(_ place: ArchivePlace) {
    let parts = place.text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "c", let closed = UInt64(parts[1]), let session = UInt64(parts[2])
    else {
      return nil
    }
    self.init(closedAt: closed, session: SessionID(rawValue: session))
  }
}

extension ArchivePlace {
  init(_ cursor: ArchivedSessionCursor) {
    self.init(unchecked: "c.\(cursor.closedAt).\(cursor.session.rawValue)")
  }
}

extension Failure {
  fileprivate static func emptyRange(_ of: String) -> Failure {
    Failure(.badFrame, "`\(of)`: the range ends before it begins.")
  }
}
