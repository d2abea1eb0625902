/// Which closed sessions are asked for. What is nil does not matter.
package struct ArchivedSessionFilter: Hashable, Sendable {
  /// The only desk whose sessions are found.
  package var desk: DeskNumber
  package var customer: String?
  /// Who served last.
  package var agent: String?
  package var skill: String?
  package var channel: String?
  package var rating: ClosedRange<UInt32>?
  /// In ms since 1970.
  package var opened: Range<UInt64>?
  /// In ms since 1970.
  package var closed: Range<UInt64>?

  package init(
    desk: DeskNumber, customer: String? = nil, agent: String? = nil, skill: String? = nil,
    channel: String? = nil,
    rating: ClosedRange<UInt32>? = nil, opened: Range<UInt64>? = nil, closed: Range<UInt64>? = nil
  ) {
    (self.desk, self.customer, self.agent) = (desk, customer, agent)
    (self.skill, self.channel, self.rating) = (skill, channel, rating)
    (self.opened, self.closed) = (opened, closed)
  }
}

/// Where a list of closed sessions goes on: with those before this one.
package struct ArchivedSessionCursor: Hashable, Sendable {
  /// In ms since 1970.
  package var closedAt: UInt64
  package var session: SessionID
  package init(closedAt: UInt64, session: SessionID) { (self.closedAt, self.session) = (closedAt, session) }
}

/// Closed sessions, newest first by the time of closing.
package struct ArchivedSessionPage: Hashable, Sendable {
  package var sessions: [ArchivedSession]
  /// nil: there are no more. There may be one behind a page that has fewer than were asked for, or none at all: so many are
  /// looked at for one page.
  package var next: ArchivedSessionCursor?
  /// false: a part of the archive is still to be filled.
  package var isComplete: Bool
  package init(sessions: [ArchivedSession], next: ArchivedSessionCursor?, isComplete: Bool) {
    (self.sessions, self.next, self.isComplete) = (sessions, next, isComplete)
  }
}

/// Whose conversations are searched.
package enum SearchScope: Hashable, Sendable {
  /// All of that desk.
  case desk(DeskNumber)
  /// Those of that desk that the customer has had.
  case customer(DeskNumber, String)
  /// Those of that desk in which that agent, supervisor or admin has served or spoken.
  case staff(DeskNumber, String)

  package var desk: DeskNumber {
    switch self {
    case .desk(let desk), .customer(let desk, _), .staff(let desk, _): desk
    }
  }
}

/// Where a search goes on: behind this place. Its parts mean nothing to others.
package struct SearchCursor: Hashable, Sendable {
  /// As `Month.description` gives it.
  package var month: String
  package var row: Int64
  /// Messages of that row at or above it have been looked at; 0: all.
  package var sequence: UInt64
  package init(month: String, row: Int64, sequence: UInt64) {
    (self.month, self.row, self.sequence) = (month, row, sequence)
  }
}

package struct SearchHit: Hashable, Sendable {
  package var session: SessionID
  package var sequence: Sequence
  package var sender: Person
  /// In ms since 1970.
  package var time: UInt64
  /// A part of the message, 160 characters at the most, with the place that was found.
  package var snippet: String
  /// Where in `snippet`, in bytes of its UTF-8.
  package var place: Range<Int>
  package init(
    session: SessionID, sequence: Sequence, sender: Person, time: UInt64, snippet: String, place: Range<Int>
  ) {
    (self.session, self.sequence, self.sender, self.time) = (session, sequence, sender, time)
    (self.snippet, self.place) = (snippet, place)
  }
}

/// What was found, newest first: by the chunk of up to 64 messages in which it is, and in one chunk by the message.
package struct SearchPage: Hashable, Sendable {
  package var hits: [SearchHit]
  /// nil: there is no more. There may be one behind a page that has fewer than were asked for, or none at all: so many chunks
  /// are looked at for one page.
  package var next: SearchCursor?
  /// false: a part of the archive is still to be filled.
  package var isComplete: Bool
  package init(hits: [SearchHit], next: SearchCursor?, isComplete: Bool) {
    (self.hits, self.next, self.isComplete) = (hits, next, isComplete)
  }
}

/// An archive as those see it who ask it.
package protocol ArchiveReading {
  associatedtype Words: SearchWords
  /// - Throws: `Failure`: there is nothing in it to look for, or too much.
  func words(_ text: String) throws(Failure) -> Words
  /// - Throws: `Failure`, for whoever has asked.
  func found(
    _ words: Words, in scope: SearchScope, after cursor: SearchCursor?, limit: Int
  ) throws(Failure) -> SearchPage
  /// - Throws: `Failure`, for whoever has asked.
  func listed(
    _ filter: ArchivedSessionFilter, before: ArchivedSessionCursor?, limit: Int
  ) throws(Failure) -> ArchivedSessionPage
  /// What closed conversations come to.
  /// - Throws: `Failure`, for whoever has asked: also where too much would have to be added up.
  func report(_ question: ReportQuestion) throws(Failure) -> ArchivedReport
  /// The first entries of a desk's audit behind that number, ascending, as far as the archive has them.
  /// - Returns: `isComplete` is false while a part of the archive is still to be filled, or is elsewhere.
  /// - Throws: `Failure`, for whoever has asked.
  func audit(
    of desk: DeskNumber, after number: UInt64, limit: Int
  ) throws(Failure) -> (links: [AuditLink], isComplete: Bool)
  /// - Returns: nil: it is not in the archive, or not over.
  /// - Throws: `Failure`, for whoever has asked.
  func session(_ id: SessionID) throws(Failure) -> ArchivedSession?
  /// A part of what was said in a session, as `Session.page` gives it, of what the archive has of it.
  /// - Parameters:
  ///   - limit: messages at the most.
  ///   - bytes: of messages at the most, each counted with `TranscriptPage.overhead`; the first is given whatever it takes.
  /// - Returns: `isComplete` is false while a part of the archive is still to be filled: there may be more at either end.
  /// - Throws: `Failure`, for whoever has asked: also where something is missing between two messages of the page.
  func page(
    _ id: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int
  ) throws(Failure) -> (page: TranscriptPage, isComplete: Bool)
}
