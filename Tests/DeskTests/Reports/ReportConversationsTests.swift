import Kernel
import Testing

@testable import Desk

@Suite("Reports of closed conversations")
struct ReportConversationsTests {
  private var desk = Desk()
  private static let day: UInt64 = 86_400_000
  /// The first of November 2026, in UTC.
  private static let november: UInt64 = 1_793_491_200_000
  private static let first = ReportDay(november / day)

  /// Bob answers Ann and hands her to Kim, whom Bert has waited for; Cy leaves the line; Dan's was open before level 7.
  init() {
    desk.raise(.sixth)
    desk.time = Self.november + 1_000
    let old = desk.open("dan")
    desk.raise(.seventh)
    desk.time += 4_000
    let ann = desk.open("ann", skill: "tax")
    desk.send(ann, "m1", by: .customer("ann"))
    desk.time += 2_000
    desk.status("bob", skills: ["tax"], capacity: 5)
    desk.time += 1_000
    desk.send(ann, "b1", by: .agent("bob"))
    rate(ann, 5, "ann", "r1")
    desk.time += 1_000
    let bert = desk.open("bert", skill: "law")
    let cy = desk.open("cy", skill: "law")
    desk.time += 10_000
    desk.close(cy, by: .customer("cy"))
    desk.status("kim", skills: ["law"], capacity: 5)
    desk.transfer(ann, to: .agent(AgentID("kim")), request: "t1")
    desk.send(ann, "k1", by: .agent("kim"))
    desk.time += 20_000
    desk.close(ann, by: .agent("kim"))
    desk.time = Self.november + Self.day
    desk.close(bert, by: .agent("kim"))
    rate(bert, 2, "bert", "r2")
    desk.close(old, by: .customer("dan"))
  }

  private mutating func rate(_ session: SessionID, _ score: UInt32, _ customer: String, _ id: String) {
    let envelope = Envelope(
      Rate(session: session, score: score, comment: nil), id: id, by: .customer(customer), epoch: Epoch(1))
    #expect(desk.apply(.perform(envelope)).answer == .done)
  }

  private func report(
    _ by: ReportGrouping, days: Range<ReportDay> = first..<first + 2, limit: Int = 100,
    after: ArchivePlace? = nil
  ) throws -> ConversationReport {
    let query = ReportConversations(
      from: days.lowerBound, before: days.upperBound, by: by, limit: limit, after: after)
    let asked = QueryRequest(query, isOfCluster: false)
    let answer = desk.state.answer(asked, by: .supervisor("sue"), of: .main, from: ModelArchive(desk.state))
    return try #require(try answer.get() as? ConversationReport)
  }

  @Test("waiting, answering and ratings are of those whose they are, and of sessions that know them")
  func figures() throws {
    let all = try #require(try report(.none).rows.first)
    #expect(all.key == nil && all.conversations == 4 && all.abandoned == 1 && all.messages == 3)
    #expect(all.customerMessages == 1 && all.staffMessages == 2 && all.transfers == 1 && all.releases == 0)
    #expect(all.ratings == 2 && all.ratingSum == 7)
    // Dan's knows nothing of it; Cy was never served.
    #expect(all.wait?.count == 2 && all.wait?.mean == 6_000 && all.firstResponse?.count == 1)
    #expect(all.handling?.count == 2 && all.resolution?.count == 4)

    let agents = try report(.agent).rows
    #expect(agents.map(\.key) == ["", "bob", "kim"])
    #expect(agents.map(\.conversations) == [1, 1, 2])
    let (bob, kim) = (agents[1], agents[2])
    #expect(bob.firstResponse?.mean == 1_000 && kim.firstResponse == nil, "Bob has answered first")
    #expect(
      bob.ratings == 1 && bob.ratingSum == 5 && kim.ratingSum == 2, "Bob was rated before he handed it on")
    #expect(kim.conversations == 2 && kim.transfers == 1 && bob.handling == nil)

    let days = try report(.day).rows
    #expect(days.map(\.key) == ["2026-11-01", "2026-11-02"] && days.map(\.conversations) == [2, 2])
    #expect(try report(.day, days: Self.first + 1..<Self.first + 9).rows == [days[1]])
    #expect(try report(.skill).rows.map(\.key) == ["", "law", "tax"])
    #expect(try report(.channel).rows.map(\.key) == ["web"])
  }

  @Test("pages go on where the one before has ended, and come to the same rows")
  func pages() throws {
    let all = try report(.agent)
    #expect(all.place == nil)
    var (rows, place) = ([ConversationReport.Row](), ArchivePlace?.none)
    for _ in 1...3 {
      let page = try report(.agent, limit: 1, after: place)
      rows += page.rows
      place = page.place
      #expect(page.rows.count == 1 && (place == nil) == (rows.count == 3))
    }
    #expect(rows == all.rows)
    #expect(try report(.agent, after: ArchivePlace("r.99")).rows.isEmpty)
  }

  @Test("are for supervisors and admins, of their own desk, and of a range that is one")
  func refusals() throws {
    for role in [UserRole.customer, .agent] {
      #expect(throws: Failure.self) { try ReportConversations.check(role) }
    }
    for role in [UserRole.supervisor, .admin] { try ReportConversations.check(role) }
    #expect(throws: Failure.self) { try report(.none, days: 7..<7) }
    for place in ["r.0", "r.x", "c.1.2", "r.1.1"] {
      #expect(throws: Failure.self, "\(place)") { try report(.none, after: ArchivePlace(place)) }
    }
    let sales = desk.state.number(of: .main).map { DeskNumber($0.rawValue + 1) }
    let other = ReportQuestion(desk: sales ?? .main, days: 0..<ReportDay.max, by: .none)
    #expect(try ModelArchive(desk.state).report(other).rows.isEmpty)
  }

  @Test(
    "days are dates or the ms at which one begins, and nothing else",
    arguments: [
      ("1970-01-01", 0), ("2026-11-01", 20_758), ("1793491200000", 20_758), ("2024-02-29", 19_782), ("0", 0),
      ("9999-12-31", 2_932_896), ("2023-02-29", nil), ("2026-13-01", nil), ("2026-11-00", nil),
      ("2026-11-1", nil),
      ("1793491200001", nil), ("2026-11", nil), ("", nil), ("+2026-1-01", nil), ("-1", nil),
      ("999999999999999", nil), ("1969-12-31", nil), ("99999999999999999999", nil),
    ] as [(String, ReportDay?)])
  func days(_ word: String, _ day: ReportDay?) {
    #expect(ReportDate.day(word) == day)
    if let day { #expect(ReportDate.day(ReportDate.text(day)) == day) }
  }
}
