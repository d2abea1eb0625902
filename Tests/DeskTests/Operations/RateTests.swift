import Kernel
import Testing

@testable import Desk

@Suite("Ratings")
struct RateTests {
  private static let day: UInt64 = 24 * 3_600_000

  private func rate(
    _ desk: inout Desk, _ session: SessionID, _ score: UInt32, _ comment: String? = nil, id: String,
    by person: Person = .customer("alice")
  ) -> Desk.Outcome {
    desk.apply(
      .perform(
        Envelope(Rate(session: session, score: score, comment: comment), id: id, by: person, epoch: Epoch(1))))
  }

  private static func desk() -> (Desk, SessionID) {
    var desk = Desk()
    desk.raise(.newest)
    desk.status("bob")
    let session = desk.open()
    return (desk, session)
  }

  @Test("the last one counts, is told to those who follow, names who served, and comes back from a snapshot")
  func rating() throws {
    var (desk, session) = Self.desk()
    #expect(rate(&desk, session, 2, "slow", id: "r1").answer == .done)
    desk.close(session)
    let outcome = rate(&desk, session, 5, id: "r2")
    #expect(outcome.effects == [.news(session, NewsRecord(Rated(by: "alice", score: 5)))])
    for _ in 0..<2 {
      let rating = try #require(desk.state.session(session)?.facets.read(Rating.self))
      #expect(rating.score == 5 && rating.comment == nil && rating.agent == "bob" && rating.time == desk.time)
      #expect(
        desk.state.session(session)?.facets.members().map(\.json)
          == [#"{"score":5,"agent":"bob","time":\#(desk.time)}"#])
      desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    }
    #expect(rate(&desk, session, 2, "slow", id: "r1").effects.isEmpty, "a repetition changes nothing")
    #expect(desk.state.session(session)?.facets.read(Rating.self)?.score == 5)
  }

  @Test("it is for the session's own customer, until seven days after its end")
  func refusals() {
    var (desk, session) = Self.desk()
    for person in [Person.customer("eve"), .agent("bob"), .supervisor("sue")] {
      #expect(rate(&desk, session, 1, id: "r", by: person).answer == .refused(.forbidden))
    }
    desk.close(session)
    desk.time += 7 * Self.day
    #expect(rate(&desk, session, 4, id: "r1").answer == .done)
    desk.time += 1
    let late = rate(&desk, session, 1, id: "r2")
    #expect(late.answer == .refused(.tooLate) && late.effects.isEmpty)
    #expect(desk.state.session(session)?.facets.read(Rating.self)?.score == 4)
  }

  @Test("a snapshot with a facet that is not known, or twice, or damaged, is refused", arguments: [0, 1, 2])
  func damage(_ kind: Int) {
    var writer = ByteWriter()
    let rating = Rating.fields.encode(Rating(score: 1, comment: nil, agent: nil, time: 2))
    let lists: [[(UInt64, [UInt8])]] = [[(999, rating)], [(1, rating), (1, rating)], [(1, [9, 1, 0])]]
    writer.writeVarint(UInt64(lists[kind].count))
    for (number, bytes) in lists[kind] {
      writer.writeVarint(number)
      writer.write(bytes: bytes)
    }
    #expect(throws: DecodingFailure.self) {
      var reader = ByteReader(writer.bytes)
      _ = try Facets(from: &reader)
    }
  }
}
