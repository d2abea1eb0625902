internal import Kernel

/// Adds up closed conversations.
package struct ReportConversations: ArchiveQuery {
  package typealias Answer = ConversationReport

  package static let name: StaticString = "report"
  package static let frameType: UInt8 = 27
  package static let summary = "What closed conversations come to, by day, agent, skill or channel"
  package static let about = """
    Counts and durations of the conversations that were closed on these days (UTC), without what is open or has not been given to \
    the archive yet. Made from sums that are kept by day, so no message is read. Means are exact; of durations the half, nine of \
    ten and the longest are exact to 10 %.
    """
  package static let allowed: Roles = [.supervisor, .admin]
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/reports/conversations")
  /// `switchboard report` is a command of its own.
  package static let noun: Noun? = nil

  /// Of one answer, and when nobody says how many.
  package static let most = 1_000
  package static let usual = 100

  package var from: ReportDay
  package var before: ReportDay
  package var by: ReportGrouping
  package var limit: Int
  package var after: ArchivePlace?
  package init(
    from: ReportDay, before: ReportDay, by: ReportGrouping = .none, limit: Int = usual,
    after: ArchivePlace? = nil
  ) {
    (self.from, self.before, self.by, self.limit, self.after) = (from, before, by, limit, after)
  }

  package static let fields = Fields(
    Self.init(from:before:by:limit:after:),
    Field(1, "from", { $0.from }, .day, "The first day (UTC), as a date or in ms since 1970."),
    Field(2, "before", { $0.before }, .day, "The day behind the last one."),
    Field(
      3, "by", { $0.by }, .grouping.or(.none, isSaid: true), "What has a row each; `none`: one row in all."),
    Field(
      4, "limit", { $0.limit }, .count(upTo: most).or(usual, isSaid: true),
      "How many rows at the most, up to \(most)."),
    Field(5, "after", { $0.after }, .optional(.archivePlace), "Where the page before has ended: its `place`."))

  package func check() throws(Failure) {
    guard from < before else { throw Failure(.badFrame, "`before`: the range ends before it begins.") }
    if let after, Self.row(after) == nil { throw .noPlace }
  }

  /// A place is the number of the first row behind it. A report that changes between two pages can show a row twice, or not
  /// at all: what is over seldom changes.
  private static func row(_ place: ArchivePlace) -> Int? {
    let parts = place.text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "r", let row = Int(parts[1]), row > 0 else { return nil }
    return row
  }

  package func answer(
    to reader: QueryReader, from archive: some ArchiveReading, beside desk: borrowing DeskState
  ) throws(Failure) -> ConversationReport {
    try check()
    let report = try archive.report(ReportQuestion(desk: desk.number, days: from..<before, by: by))
    let first = min(after.flatMap(Self.row) ?? 0, report.rows.count)
    let end = min(first + limit, report.rows.count)
    return ConversationReport(
      rows: report.rows[first..<end].map { ConversationReport.Row($0.group, $0.sums, by: by) },
      place: end < report.rows.count ? ArchivePlace(unchecked: "r.\(end)") : nil, isComplete: report.isComplete)
  }

  package static let listField: StaticString = "rows"
}

/// Rows in the order of days, or of the names' bytes.
package struct ConversationReport: ArchivePage, Hashable {
  package static let name: StaticString = "report"
  package static let frameType: UInt8 = 208

  package struct Row: Hashable, Sendable {
    package var key: String?
    package var isOther: Bool
    package var conversations: UInt64
    package var abandoned: UInt64
    package var messages: UInt64
    package var customerMessages: UInt64
    package var staffMessages: UInt64
    package var transfers: UInt64
    package var releases: UInt64
    package var ratings: UInt64
    package var ratingSum: UInt64
    package var wait: Durations?
    package var firstResponse: Durations?
    package var handling: Durations?
    package var resolution: Durations?

    package static let fields = Fields(
      Self.init(
        key:isOther:conversations:abandoned:messages:customerMessages:staffMessages:transfers:releases:ratings:
        ratingSum:wait:firstResponse:handling:resolution:),
      Field(
        1, "key", { $0.key }, .optional(.text(256)),
        "The day, agent, skill or channel; left out where there is one row in all, empty: of nobody or none."),
      Field(
        2, "other", { $0.isOther }, .flag.or(false),
        "`true`: all that an archive does not keep apart, having more than 10,000 names of a day; else left out."
      ),
      Field(3, "conversations", { $0.conversations }, .number, "That were closed."),
      Field(4, "abandoned", { $0.abandoned }, .number, "Of these: whose customer left before anybody served."),
      Field(5, "messages", { $0.messages }, .number, "What was said in them, by anybody."),
      Field(6, "customer_messages", { $0.customerMessages }, .number, "What customers said."),
      Field(7, "staff_messages", { $0.staffMessages }, .number, "What those said who served."),
      Field(8, "transfers", { $0.transfers }, .number, "How often one was handed on."),
      Field(9, "releases", { $0.releases }, .number, "How often one waited again, its agent being gone."),
      Field(10, "ratings", { $0.ratings }, .number, "How many were rated."),
      Field(11, "rating_sum", { $0.ratingSum }, .number, "Of all ratings; by `ratings`: the mean."),
      Field(
        12, "wait", { $0.wait }, .optional(.record(Durations.fields)),
        "From the opening until it was given to an agent."),
      Field(
        13, "first_response", { $0.firstResponse }, .optional(.record(Durations.fields)),
        "From there until staff said something."),
      Field(
        14, "handling", { $0.handling }, .optional(.record(Durations.fields)),
        "From the first assignment until it was closed."),
      Field(
        15, "resolution", { $0.resolution }, .optional(.record(Durations.fields)),
        "From the opening until it was closed."))

    init(
      key: String?, isOther: Bool, conversations: UInt64, abandoned: UInt64, messages: UInt64,
      customerMessages: UInt64, staffMessages: UInt64, transfers: UInt64, releases: UInt64, ratings: UInt64,
      ratingSum: UInt64, wait: Durations?, firstResponse: Durations?, handling: Durations?,
      resolution: Durations?
    ) {
      (self.key, self.isOther, self.conversations, self.abandoned) = (key, isOther, conversations, abandoned)
      (self.messages, self.customerMessages, self.staffMessages) = (messages, customerMessages, staffMessages)
      (self.transfers, self.releases, self.ratings, self.ratingSum) = (transfers, releases, ratings, ratingSum)
      (self.wait, self.firstResponse, self.handling, self.resolution) = (
        wait, firstResponse, handling, resolution
      )
    }

    init(_ group: ReportGroup, _ sums: ReportSums, by: ReportGrouping) {
      func number(_ count: Int64) -> UInt64 { UInt64(clamping: count) }
      let key: String? =
        switch by {
        case .none: nil
        case .day: ReportDate.text(group.day)
        case .agent, .skill, .channel: group.name.text
        }
      self.init(
        key: key, isOther: group.isOther, conversations: number(sums.conversations),
        abandoned: number(sums.abandoned), messages: number(sums.messages),
        customerMessages: number(sums.customerMessages), staffMessages: number(sums.staffMessages),
        transfers: number(sums.transfers), releases: number(sums.releases), ratings: number(sums.ratings),
        ratingSum: number(sums.ratingSum), wait: Durations(sums.wait),
        firstResponse: Durations(sums.firstResponse),
        handling: Durations(sums.handling), resolution: Durations(sums.resolution))
    }
  }

  /// In ms.
  package struct Durations: Hashable, Sendable {
    package var count: UInt64
    package var mean: UInt64
    package var half: UInt64
    package var nineOfTen: UInt64
    package var longest: UInt64

    package static let fields = Fields(
      Self.init(count:mean:half:nineOfTen:longest:),
      Field(1, "n", { $0.count }, .number, "How many it is known of."),
      Field(2, "mean_ms", { $0.mean }, .number, "Their mean."),
      Field(3, "p50_ms", { $0.half }, .number, "Half of them did not last longer."),
      Field(4, "p90_ms", { $0.nineOfTen }, .number, "Nine of ten did not last longer."),
      Field(5, "max_ms", { $0.longest }, .number, "None lasted longer."))

    init(count: UInt64, mean: UInt64, half: UInt64, nineOfTen: UInt64, longest: UInt64) {
      (self.count, self.mean, self.half) = (count, mean, half)
      (self.nineOfTen, self.longest) = (nineOfTen, longest)
    }

    /// nil: it is known of none.
    init?(_ sums: DurationSums) {
      guard let mean = sums.mean, let half = sums.percentile(50), let nine = sums.percentile(90),
        let longest = sums.percentile(100)
      else { return nil }
      self.init(count: UInt64(clamping: sums.count), mean: mean, half: half, nineOfTen: nine, longest: longest)
    }
  }

  package var rows: [Row]
  package var place: ArchivePlace?
  /// false: a part of the archive is still to be filled, or to be counted.
  package var isComplete: Bool
  package init(rows: [Row], place: ArchivePlace?, isComplete: Bool) {
    (self.rows, self.place, self.isComplete) = (rows, place, isComplete)
  }

  package static let fields = Fields(
    Self.init(rows:place:isComplete:),
    Field(
      1, "rows", { $0.rows }, .list(of: .record(Row.fields), upTo: ReportConversations.most),
      "In the order of days, or of the bytes of names."),
    Field(
      2, "place", { $0.place }, .optional(.archivePlace),
      "Where the next page begins, for `after`; left out: there is none."),
    Field(
      3, "complete", { $0.isComplete }, .flag.or(true),
      "`false`: a part of this node's archive is still to be filled or counted, and there may be more; else left out."
    ))
}
