internal import Kernel

/// Reads a desk's audit.
package struct AuditLog: ArchiveQuery {
  package typealias Answer = AuditPage

  package static let name: StaticString = "audit"
  package static let frameType: UInt8 = 30
  package static let summary = "Who of the staff has changed or read what is not their own"
  package static let about = """
    The audit of the desk, from its first entry on. Each entry has a SHA-256 over the hash before it and itself; the last one is in \
    the replicated state, so an entry that was changed, taken out or added does not fit: `switchboard audit verify` looks. To read it is \
    noted in it.
    """
  package static let allowed = Roles.admin
  package static let audit = AuditRule.byStaff
  package static let route: Route? = Route(.get, "/v1/audit")
  package static let noun: Noun? = .audit
  package static let verb = "list"

  /// Of one answer, and when nobody says how many.
  package static let most = 1_000
  package static let usual = 100

  package var limit: Int
  package var after: ArchivePlace?
  package init(limit: Int = usual, after: ArchivePlace? = nil) { (self.limit, self.after) = (limit, after) }

  package static let fields = Fields(
    Self.init(limit:after:),
    Field(
      1, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many at the most, up to \(most)."),
    Field(2, "after", { $0.after }, .optional(.archivePlace), "Those behind the entry of this number."))

  package func check() throws(Failure) {
    if let after, UInt64(after.text) == nil { throw .noPlace }
  }

  package func answer(
    to reader: QueryReader, from archive: some ArchiveReading, beside desk: borrowing DeskState
  ) throws(Failure) -> AuditPage {
    try check()
    let trail = desk.audit
    let number = after.flatMap { UInt64($0.text) } ?? 0
    let found = try archive.audit(of: desk.number, after: number, limit: limit)
    // The archive may be further than the state was when this was asked.
    let links = found.links.filter { $0.entry.number <= trail.count }
    let last = links.last?.entry.number ?? number
    let goesOn = links.count == limit && last < trail.count
    return AuditPage(
      entries: links.map(AuditPage.Line.init), previous: links.first?.previous, count: trail.count,
      head: trail.head, place: goesOn ? ArchivePlace("\(last)") : nil, isComplete: found.isComplete)
  }

  package static let listField: StaticString = "entries"
}

/// Entries of a desk's audit, the first one first.
package struct AuditPage: ArchivePage, Hashable {
  package static let name: StaticString = "audit"
  package static let frameType: UInt8 = 210

  /// An entry with the hash that is kept with it.
  package struct Line: Hashable, Sendable {
    package var entry: AuditEntry
    package var hash: AuditHash

    init(_ link: AuditLink) { (entry, hash) = (link.entry, link.hash) }

    private init(
      number: UInt64, time: UInt64, actor: String, role: String, act: String, session: SessionID?,
      customer: ErasureMark?, detail: String?, hash: AuditHash
    ) {
      entry = AuditEntry(
        number: number, time: time, actor: actor, role: role, act: act, session: session, customer: customer,
        detail: detail)
      self.hash = hash
    }

    package static let fields = Fields(
      Self.init(number:time:actor:role:act:session:customer:detail:hash:),
      Field(1, "number", { $0.entry.number }, .number, "From 1, in each desk."),
      Field(2, "time", { $0.entry.time }, .time, "When, in ms since 1970."),
      Field(3, "actor", { $0.entry.note.actor }, .text(128), "Who it was: the `sub` of the token."),
      Field(4, "role", { $0.entry.note.role }, .text(16), "That one's role."),
      Field(
        5, "act", { $0.entry.note.act }, .text(32), "The operation or the query: the `type` of its frame."),
      Field(6, "session", { $0.entry.note.session }, .optional(.session), "In which session."),
      Field(
        7, "customer", { $0.entry.note.customer }, .optional(.erasureMark),
        "Of which customer: a mark that names nobody, as in `erasures`."),
      Field(
        8, "detail", { $0.entry.note.detail }, .optional(.text(128)),
        "What else there is to say of it: names of desks and settings."),
      Field(
        9, "hash", { $0.hash }, .auditHash, "SHA-256 over the hash before it and the bytes of this entry."))
  }

  package var entries: [Line]
  package var previous: AuditHash?
  package var count: UInt64
  package var head: AuditHash
  package var place: ArchivePlace?
  package var isComplete: Bool
  package init(
    entries: [Line], previous: AuditHash?, count: UInt64, head: AuditHash, place: ArchivePlace?,
    isComplete: Bool
  ) {
    (self.entries, self.previous, self.count) = (entries, previous, count)
    (self.head, self.place, self.isComplete) = (head, place, isComplete)
  }

  package static let fields = Fields(
    Self.init(entries:previous:count:head:place:isComplete:),
    Field(
      1, "entries", { $0.entries }, .list(of: .record(Line.fields), upTo: AuditLog.most),
      "By number, ascending."),
    Field(2, "previous", { $0.previous }, .optional(.auditHash), "The hash before the first of them."),
    Field(3, "count", { $0.count }, .number, "Entries that the desk has had, as all nodes know."),
    Field(4, "head", { $0.head }, .auditHash, "The hash of the last of these, as all nodes know."),
    Field(
      5, "place", { $0.place }, .optional(.archivePlace),
      "Where the next page begins, for `after`; left out: there is none."),
    Field(
      6, "complete", { $0.isComplete }, .flag.or(true),
      "`false`: a part of this node's archive is still to be filled, or elsewhere; else left out."))
}
