import Desk
import Testing

@testable import Archive

@Suite("Reading the archive")
struct ArchiveReaderTests {
  private let place = Place()

  /// As `Session.page` does it, from all that was said.
  private func expected(_ messages: [Message], _ range: TranscriptRange, limit: Int, bytes: Int)
    -> TranscriptPage
  {
    var meant: [Message]
    switch range {
    case .after(let sequence): meant = messages.filter { $0.sequence > sequence }
    case .since(let time): meant = messages.filter { $0.time >= time }
    case .before(let sequence): meant = messages.filter { $0.sequence < sequence }.reversed()
    }
    var page: [Message] = []
    var size = 0
    for message in meant {
      size += message.body.count + TranscriptPage.overhead
      guard page.count < limit, size <= bytes || page.isEmpty else { break }
      page.append(message)
    }
    let more = page.count < meant.count
    return TranscriptPage(of: range.isBackwards ? page.reversed() : page, more: more)
  }

  @Test(
    "pages over a session of three months are those of the session itself, in each direction and with each bound"
  )
  func pages() throws {
    let writer = try ArchiveWriter(place.path)
    let talk = Talk(7, (0..<400).map { "message \($0)" }).changed {
      ($0.openedAt, $0.step) = ($0.openedAt - 20 * 86_400_000, 12_000_000)
    }
    try writer.write(talk.rows, upTo: 1)
    let reader = try ArchiveReader(place.path)
    #expect(try reader.figures().months.count == 3)
    var ranges: [TranscriptRange] = []
    for number in [0, 1, 2, 63, 64, 65, 127, 128, 129, 200, 399, 400, 401, 5_000] {
      ranges += [.after(Sequence(UInt64(number))), .before(Sequence(UInt64(number)))]
      let time = talk.openedAt + UInt64(number) * talk.step
      ranges += [.since(time), .since(time + 1), .since(time - 1)]
    }
    ranges += [.since(0), .since(.max), .after(Sequence(.max)), .before(Sequence(.max))]
    for range in ranges {
      for limit in [0, 1, 3, 64, 1_000] {
        for bytes in [1, 1_000, Int.max] {
          let page = try reader.page(talk.id, range, limit: limit, bytes: bytes)
          #expect(
            page == expected(talk.messages, range, limit: limit, bytes: bytes), "\(range) \(limit) \(bytes)")
        }
      }
    }
    #expect(try reader.page(Talk(8, []).id, .after(.zero), limit: 10) == TranscriptPage(of: [], more: false))
    writer.close()
  }

  @Test("closed sessions are found by all that they can be asked for, newest first, and none of another desk")
  func sessions() throws {
    let writer = try ArchiveWriter(place.path)
    var talks: [Talk] = []
    for number in 0..<300 {
      talks.append(
        Talk(UInt64(number + 1), ["x"]).changed {
          $0.openedAt += UInt64(number / 2) * 20_000_000
          $0.customer = "c\(number % 7)"
          $0.agents = ["a\(number % 5)"]
          $0.skill = "s\(number % 3)"
          $0.channel = number % 2 == 0 ? "web" : "app"
          $0.rating = number % 4 == 0 ? nil : UInt32(number % 4)
          $0.desk = DeskNumber(UInt16(number % 11 == 0 ? 4 : 0))
        })
    }
    try writer.write(talks.shuffled().flatMap(\.rows), upTo: 1)
    let reader = try ArchiveReader(place.path)
    let time = talks[150].openedAt
    var filters = [ArchivedSessionFilter(desk: .main), ArchivedSessionFilter(desk: DeskNumber(4))]
    let main = ArchivedSessionFilter(desk: .main)
    func with(_ change: (inout ArchivedSessionFilter) -> Void) {
      var filter = main
      change(&filter)
      filters.append(filter)
    }
    with { $0.customer = "c3" }
    with { $0.agent = "a2" }
    with { ($0.skill, $0.channel) = ("s1", "app") }
    with { $0.rating = 2...3 }
    with { $0.opened = time..<(time + 900_000_000) }
    with { ($0.closed, $0.customer, $0.agent) = (time..<UInt64.max, "c1", "a1") }
    with { $0.closed = 0..<time }
    with { $0.customer = "nobody" }
    for filter in filters {
      let all = talks.map(\.record).filter(filter.has).sorted {
        ($0.closedAt, $0.session) > ($1.closedAt, $1.session)
      }
      var found: [ArchivedSession] = []
      var cursor: ArchivedSessionCursor?
      repeat {
        let page = try reader.sessions(filter, before: cursor, limit: 17)
        #expect(page.sessions.count <= 17)
        found += page.sessions
        cursor = page.next
      } while cursor != nil
      #expect(found == all, "\(filter)")
    }
    writer.close()
  }
}
