import Desk
import Kernel
import Testing

@testable import Protocol

@Suite("Updates of a desk that is followed")
struct DeskUpdateTests {
  private static let session = SessionID(rawValue: 8192)

  private static func updates(_ text: String) -> [DeskUpdate] {
    var stream = EventStream()
    return stream.append(text.utf8).compactMap { DeskUpdate($0) }
  }

  @Test("each event that is declared is read as the state machine told it", arguments: 0..<Events.ofDesks.count)
  func roundTrip(_ place: Int) throws {
    func check<News: DeskNews>(_: News.Type) throws {
      let seed: UInt64 = 20_261_130
      var random = SeededGenerator(seed: seed)
      for round in 0..<100 {
        let news = News.fields.sample(&random)
        let told = DeskEvent(index: 7, place: 2, time: 1_000, session: Self.session, news: news)
        let update = try #require(
          Self.updates("id: 7.2\nevent: \(told.name)\ndata: \(told.json)\n\n").first,
          "seed \(seed), round \(round)")
        #expect(update.id == "7.2" && update.time == "1970-01-01T00:00:01.000Z" && update.session == "8192")
        let heard = try #require(update.opened(as: News.self), "\(told.json)")
        #expect(News.fields.encode(heard) == News.fields.encode(news))
        // What belongs to an operation is opened by its type; everything else is a case of its own.
        let isOfOperation = Operations.ofSessions.values.contains { operation in
          operation.events.contains { $0.name.description == News.name.description }
        }
        let isWhole = !((news as? Transferred).map { $0.to == nil && $0.skill == nil } ?? false)
        if isWhole { #expect((update.change == .other) == isOfOperation, "\(News.name)") }
      }
    }
    try check(Events.ofDesks[place])
  }

  @Test(
    "one that this client does not know is told with its text, and one that lacks a field is not taken for what it is not"
  )
  func unknown() {
    let text = #"{"time":"2026-11-30T00:00:00.000Z","session":"8192","by":"x"}"#
    for kind in ["praised", "assigned"] {
      let update = Self.updates("id: 7.1\nevent: \(kind)\ndata: \(text)\n\n").first
      #expect(update?.kind == kind && update?.json == text && update?.change == .other)
      #expect(update?.opened(as: Assigned.self) == nil)
    }
  }
}
