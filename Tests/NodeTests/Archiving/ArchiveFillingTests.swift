import Desk
import Kernel
import Raft
import Testing

@testable import Node

@Suite("Filling an archive from others")
struct ArchiveFillingTests {
  private let gap = ArchiveGap(after: 10, upTo: 100)
  private let two = NodeID(2)
  private let three = NodeID(3)

  private func page(_ complete: [ArchiveGap], rows: Int = 1, next: ArchiveRowPlace? = nil) -> ArchiveRowPage {
    var page = ArchiveRowPage()
    page.complete = complete
    for number in 0..<rows {
      page.rows.append(
        StoredArchiveRow(
          origin: RowOrigin(UInt64(number + 11)), key: .session(SessionID(rawValue: 1)), sum: 0, bytes: []
        ))
    }
    page.next = next
    return page
  }

  private func place(_ made: UInt64, isExact: Bool = true) -> ArchiveRowPlace {
    ArchiveRowPlace(isExact: isExact, made: made, key: .session(SessionID(rawValue: 1)))
  }

  private func time(_ seconds: UInt64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  private func filling(_ gaps: [ArchiveGap]) -> ArchiveFilling {
    ArchiveFilling(ArchiveGaps(gaps), FillingPatience())
  }

  private func ask(
    _ filling: inout ArchiveFilling, _ others: [NodeID], now: Instant
  ) throws -> (peer: NodeID, number: UInt64, ArchivePageRequest) {
    let next = filling.next(others, now: now)
    return try #require(next)
  }

  private func give(
    _ filling: inout ArchiveFilling, _ page: ArchiveRowPage, number: UInt64, from peer: NodeID
  ) throws -> ArchivePageToWrite {
    let write = filling.came(page, number: number, from: peer)
    return try #require(write)
  }

  @Test("one page after the other comes from one node, and each claims the entries before the last row's")
  func pages() throws {
    var filling = filling([gap])
    var (peer, number, request) = try ask(&filling, [two, three], now: time(1))
    #expect(peer == two && request == ArchivePageRequest(gap: gap))
    #expect(filling.next([two, three], now: time(2)) == nil, "one at a time")
    #expect(filling.came(page([gap]), number: number, from: three) == nil, "it was not asked")
    var write = try give(&filling, page([gap], next: place(7, isExact: false)), number: number, from: two)
    #expect(write.filled == nil, "rows whose entry is not known claim nothing")
    _ = filling.wrote(.written(ArchiveGaps([gap])), number: number, now: time(2))
    (peer, number, request) = try ask(&filling, [two, three], now: time(2))
    #expect(request.place == place(7, isExact: false))
    write = try give(&filling, page([gap], next: place(50)), number: number, from: two)
    #expect(write.filled == ArchiveGap(after: 10, upTo: 49))
    _ = filling.wrote(.written(ArchiveGaps([ArchiveGap(after: 49, upTo: 100)])), number: number, now: time(2))
    (peer, number, request) = try ask(&filling, [two, three], now: time(2))
    #expect(peer == two && request.place == place(50))
    write = try give(&filling, page([gap]), number: number, from: two)
    #expect(write.filled == gap)
    _ = filling.wrote(.written(ArchiveGaps()), number: number, now: time(2))
    #expect(filling.next([two, three], now: time(99)) == nil && filling.rows == 3)
  }

  @Test("while a page is written the next one comes, and is written behind it")
  func ahead() throws {
    var filling = filling([gap])
    let first = try ask(&filling, [two, three], now: time(1))
    _ = try give(&filling, page([gap], next: place(50)), number: first.number, from: two)
    let second = try ask(&filling, [two, three], now: time(1))
    #expect(second.peer == two && second.2 == ArchivePageRequest(gap: gap, place: place(50)))
    let early = filling.came(page([gap], next: place(70)), number: second.number, from: two)
    #expect(early == nil, "the one before it is not written")
    #expect(filling.next([two, three], now: time(1)) == nil, "two under way at the most")
    let left = ArchiveGaps([ArchiveGap(after: 49, upTo: 100)])
    let write = filling.wrote(.written(left), number: first.number, now: time(1))
    #expect(write?.number == second.number && write?.filled == ArchiveGap(after: 10, upTo: 69))
    let third = try ask(&filling, [two, three], now: time(1))
    #expect(third.2.place == place(70))
    #expect(filling.wrote(.written(left), number: second.number, now: time(1)) == nil)
    #expect(try give(&filling, page([gap]), number: third.number, from: two).filled == gap)
  }

  @Test("a page that could not be written takes the one behind it along")
  func aheadOfFailure() throws {
    for outcome in [ArchivePageOutcome.failed("full"), .refused("sum")] {
      var filling = filling([gap])
      let first = try ask(&filling, [two, three], now: time(1))
      _ = try give(&filling, page([gap], next: place(50)), number: first.number, from: two)
      let second = try ask(&filling, [two, three], now: time(1))
      _ = filling.came(page([gap]), number: second.number, from: two)
      #expect(filling.wrote(outcome, number: first.number, now: time(1)) == nil)
      let next = try ask(&filling, [two, three], now: time(10))
      #expect(next.2 == ArchivePageRequest(gap: gap), "from the beginning")
    }
  }

  @Test("goes on with another node where the first one goes, from what is left")
  func peerGoes() throws {
    var filling = filling([gap])
    var (_, number, _) = try ask(&filling, [two, three], now: time(1))
    _ = filling.came(page([gap], next: place(50)), number: number, from: two)
    let left = ArchiveGap(after: 49, upTo: 100)
    _ = filling.wrote(.written(ArchiveGaps([left])), number: number, now: time(1))
    (_, number, _) = try ask(&filling, [two, three], now: time(1))
    filling.linkDown(two)
    let next = try ask(&filling, [three], now: time(1))
    #expect(next.peer == three && next.2 == ArchivePageRequest(gap: left))
    #expect(filling.came(page([gap]), number: number, from: two) == nil, "it is too late")
  }

  @Test(
    "asks another node where no answer comes, where rows are not what they should be, and where one is always busy"
  )
  func failures() throws {
    var silent = filling([gap])
    #expect(silent.next([two, three], now: time(1))?.peer == two)
    #expect(silent.next([two, three], now: time(20)) == nil)
    #expect(silent.next([two, three], now: time(22))?.peer == three)
    var false_ = filling([gap])
    let first = try ask(&false_, [two, three], now: time(1))
    _ = false_.came(page([gap]), number: first.number, from: two)
    _ = false_.wrote(.refused("sum"), number: first.number, now: time(1))
    #expect(false_.next([two, three], now: time(1))?.peer == three)
    var busy = filling([gap])
    var seconds: UInt64 = 1
    while let (peer, number, _) = busy.next([two, three], now: time(seconds)), peer == two, seconds < 99 {
      busy.isBusy(two, number: number, now: time(seconds))
      #expect(busy.next([two, three], now: time(seconds)) == nil, "there is a pause")
      seconds += 2
    }
    #expect(seconds == 1 + 2 * UInt64(ArchiveFilling.mostRefusals))
  }

  @Test("fills first what one node has all of, then the rest from another one")
  func parts() throws {
    var filling = filling([gap])
    var next = try ask(&filling, [two, three], now: time(1))
    let part = ArchiveGap(after: 40, upTo: 100)
    #expect(filling.came(page([part], rows: 0), number: next.number, from: two) == nil)
    next = try ask(&filling, [two, three], now: time(1))
    #expect(next.peer == two && next.2 == ArchivePageRequest(gap: part))
    let write = try give(&filling, page([part]), number: next.number, from: two)
    #expect(write.filled == part)
    let rest = ArchiveGap(after: 10, upTo: 40)
    _ = filling.wrote(.written(ArchiveGaps([rest])), number: next.number, now: time(1))
    next = try ask(&filling, [two, three], now: time(1))
    #expect(next.peer == two && next.2.gap == rest)
    #expect(filling.came(page([], rows: 0), number: next.number, from: two) == nil)
    next = try ask(&filling, [two, three], now: time(1))
    #expect(next.peer == three && next.2.gap == rest)
  }

  @Test(
    "takes what there is where nobody has all, keeps the gap, asks again a minute later, and another gap meanwhile"
  )
  func nobodyHasAll() throws {
    let later = ArchiveGap(after: 200, upTo: 300)
    var filling = filling([gap, later])
    var asked: [(NodeID, Bool)] = []
    for _ in 0..<4 {
      let next = try ask(&filling, [two, three], now: time(1))
      #expect(next.2.gap == gap)
      asked.append((next.peer, next.2.takesIncomplete))
      guard let write = filling.came(page([]), number: next.number, from: next.peer) else { continue }
      #expect(write.filled == nil)
      _ = filling.wrote(.written(filling.gaps), number: next.number, now: time(1))
    }
    #expect(asked.map(\.0) == [two, three, two, three] && asked.map(\.1) == [false, false, true, true])
    #expect(
      filling.next([two, three], now: time(1)) == nil && filling.next([two, three], now: time(60)) == nil)
    #expect(filling.next([two, three], now: time(62))?.2.gap == later)
  }

  @Test("what was under way when the archive lost a file counts for nothing")
  func lostFile() throws {
    var filling = filling([gap])
    let next = try ask(&filling, [two], now: time(1))
    _ = filling.came(page([gap], next: place(50)), number: next.number, from: two)
    filling.beginAnew()
    _ = filling.wrote(.written(ArchiveGaps([gap])), number: next.number, now: time(1))
    #expect(filling.next([two], now: time(1))?.2 == ArchivePageRequest(gap: gap))
  }
}
