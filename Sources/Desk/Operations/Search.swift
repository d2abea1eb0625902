internal import Kernel

/// Finds messages by what they say.
package struct Search: ArchiveQuery {
  package typealias Answer = Found

  package static let name: StaticString = "search"
  package static let frameType: UInt8 = 25
  package static let summary = "Find messages by what they say, newest first"
  package static let about = """
    All words have to be in a message; Chinese is found from one character on, in simplified and traditional form, full and half \
    width; case and accents do not matter; a `*` behind three letters or more stands for any ending. Customers search their own \
    sessions, agents those in which they served or spoke, supervisors and admins the desk; \
    of open sessions the newest \(OpenSearch.mostSessions). \
    A page can have fewer than `limit` and another one behind it.
    """
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.byStaff
  package static let route: Route? = Route(.get, "/v1/search")

  /// Of one answer, and when nobody says how many.
  package static let most = 100
  package static let usual = 20

  package var q: String
  package var limit: Int
  package var after: ArchivePlace?
  package init(q: String, limit: Int = usual, after: ArchivePlace? = nil) {
    (self.q, self.limit, self.after) = (q, limit, after)
  }

  package static let fields = Fields(
    Self.init(q:limit:after:),
    Field(1, "q", { $0.q }, .text(256), "The words."),
    Field(
      2, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many at the most, up to \(most)."),
    Field(3, "after", { $0.after }, .optional(.archivePlace), "Where the page before has ended: its `place`."))

  package func check() throws(Failure) {
    guard q.contains(where: { $0.isLetter || $0.isNumber }) else {
      throw Failure(.badFrame, "`q` needs a letter or a digit.")
    }
    if let after, SearchCursor(after) == nil, OpenSearch.Place(after) == nil { throw .noPlace }
  }

  package func answer(
    to reader: QueryReader, from archive: some ArchiveReading, beside desk: borrowing DeskState
  ) throws(Failure) -> Found {
    let scope: SearchScope =
      switch reader.person.role {
      case .customer: .customer(desk.number, reader.person.id)
      case .agent: .staff(desk.number, reader.person.id)
      case .supervisor, .admin: .desk(desk.number)
      }
    // What is open comes first: it is the newest.
    var hits: [SearchHit] = []
    let words = try archive.words(q)
    let cursor = after.flatMap(SearchCursor.init)
    if cursor == nil {
      let open = OpenSearch.hits(
        words, for: reader.person, in: desk, behind: after.flatMap(OpenSearch.Place.init), limit: limit)
      hits = open.hits
      if open.more || hits.count == limit, let last = hits.last {
        return Found(
          hits: hits.map(Found.Hit.init), place: ArchivePlace(OpenSearch.Place(last)), isComplete: true)
      }
    }
    let page = try archive.found(words, in: scope, after: cursor, limit: limit - hits.count)
    return Found(
      hits: (hits + page.hits).map(Found.Hit.init), place: page.next.map(ArchivePlace.init),
      isComplete: page.isComplete)
  }

  package static let listField: StaticString = "hits"
}

/// Messages that a search has found.
package struct Found: ArchivePage, Hashable {
  package static let name: StaticString = "found"
  package static let frameType: UInt8 = 206

  package struct Hit: Hashable, Sendable {
    package var session: SessionID
    package var seq: Sequence
    package var from: String
    package var role: String
    package var name: String
    /// ms since 1970.
    package var time: UInt64
    package var before: String
    package var match: String
    package var behind: String

    package init(
      session: SessionID, seq: Sequence, from: String, role: String, name: String, time: UInt64, before: String,
      match: String, behind: String
    ) {
      (self.session, self.seq, self.from, self.role, self.name) = (session, seq, from, role, name)
      (self.time, self.before, self.match, self.behind) = (time, before, match, behind)
    }

    init(_ hit: SearchHit) {
      let bytes = Array(hit.snippet.utf8)
      let place = hit.place.clamped(to: 0..<bytes.count)
      func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
      self.init(
        session: hit.session, seq: hit.sequence, from: hit.sender.id, role: hit.sender.role.name,
        name: hit.sender.name, time: hit.time, before: part(0..<place.lowerBound), match: part(place),
        behind: part(place.upperBound..<bytes.count))
    }

    package static let fields = Fields(
      Self.init(session:seq:from:role:name:time:before:match:behind:),
      Field(1, "session", { $0.session }, .session, "In which one."),
      Field(2, "seq", { $0.seq }, .sequence, "Of the message."),
      Field(3, "from", { $0.from }, .text(128), "Who has said it."),
      Field(4, "role", { $0.role }, .text(16), "That one's role."),
      Field(5, "name", { $0.name }, .text(256), "And name."),
      Field(6, "time", { $0.time }, .time, "When, in ms since 1970."),
      Field(7, "before", { $0.before }, .text(1_024), "What stands before the place."),
      Field(8, "match", { $0.match }, .text(1_024), "The place that was found."),
      Field(9, "behind", { $0.behind }, .text(1_024), "What stands behind it."))
  }

  package var hits: [Hit]
  package var place: ArchivePlace?
  /// false: a part of the archive is still to be filled.
  package var isComplete: Bool
  package init(hits: [Hit], place: ArchivePlace?, isComplete: Bool) {
    (self.hits, self.place, self.isComplete) = (hits, place, isComplete)
  }

  package static let fields = Fields(
    Self.init(hits:place:isComplete:),
    Field(1, "hits", { $0.hits }, .list(of: .record(Hit.fields), upTo: Search.most), "Newest first."),
    Field(
      2, "place", { $0.place }, .optional(.archivePlace),
      "Where the next page begins, for `after`; left out: there is none."),
    Field(
      3, "complete", { $0.isComplete }, .flag.or(true),
      "`false`: a part of this node's archive is still to be filled, and there may be more; else left out."))
}

extension SearchCursor {
  /// nil: it is the place of something else.
  init?(_ place: ArchivePlace) {
    let parts = place.text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "s", parts[1].utf8.count <= 16, let row = Int64(parts[2]), row >= 0,
      let sequence = UInt64(parts[3])
    else { return nil }
    self.init(month: String(parts[1]), row: row, sequence: sequence)
  }
}

extension ArchivePlace {
  init(_ cursor: SearchCursor) { self.init(unchecked: "s.\(cursor.month).\(cursor.row).\(cursor.sequence)") }
}
