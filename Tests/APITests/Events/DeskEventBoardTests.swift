import Desk
import Kernel
import Protocol
import Synchronization
import Testing

@testable import API

@Suite struct DeskEventBoardTests {
  private static let sales = DeskName("sales") ?? .main

  private static func words(of follower: EventBoard.Follower) async -> [String] {
    var words: [String] = []
    for await word in follower.words where word != ServerSentEvent.heartbeat { words.append(word) }
    return words
  }

  /// A board, and the node that it asks.
  private static func board(_ bounds: EventBoard.Bounds = .init()) -> (EventBoard, ScriptedCluster) {
    let cluster = ScriptedCluster()
    cluster.change { $0.followings = [Self.sales: .at(10), .main: .at(10)] }
    return (EventBoard(cluster: cluster, life: "life", bounds: bounds), cluster)
  }

  private static func batch(of desk: DeskName = sales, _ places: [(UInt64, UInt32)]) -> DeskNewsBatch {
    var batch = DeskNewsBatch()
    batch.events = places.map { index, place in
      .init(
        desk: desk,
        event: DeskEvent(
          index: index, place: place, time: 0, session: SessionID(rawValue: 4096),
          news: Queued(position: UInt32(index), eta: 0)))
    }
    return batch
  }

  private static func ids(_ words: [String]) -> [String] {
    words.compactMap { word in
      word.split(separator: "\n").first.flatMap { $0.hasPrefix("id: ") ? String($0.dropFirst(4)) : nil }
    }
  }

  @Test(
    "whoever follows a desk is told what it holds and what happens behind that, and nothing of another desk")
  func follows() async throws {
    let (board, _) = Self.board()
    let follower = try await board.follow(Self.sales, after: nil)
    let other = try await board.follow(.main, after: nil)
    board.take(Self.batch([(10, 1), (11, 1), (11, 2)]))
    board.take(Self.batch(of: .main, [(11, 1)]))
    await board.tellArrived()
    board.close()
    let told = await Self.words(of: follower)
    #expect(Self.ids(told) == ["10", "11.1", "11.2"])
    #expect(told[0].contains("event: state\n") && told[0].contains(#""queued":3"#))
    #expect(
      told[1].hasSuffix(
        "event: queued\ndata: {\"time\":\"1970-01-01T00:00:00.000Z\",\"session\":\"4096\",\"position\":11,\"eta_ms\":0}\n\n"
      ), "\(told[1])")
    #expect(Self.ids(await Self.words(of: other)) == ["10", "11.1"])
    await #expect(throws: Failure.noSuchDesk) {
      _ = try await board.follow(try #require(DeskName("nobody")), after: nil)
    }
  }

  @Test(
    "an event's id is good on every node; one of a time that this node does not know is answered with `missed`")
  func resumes() async throws {
    let (board, _) = Self.board()
    let first = try await board.follow(Self.sales, after: nil)
    board.take(Self.batch([(11, 1), (11, 2), (12, 1)]))
    await board.tellArrived()
    let known = try await board.follow(Self.sales, after: "11.1")
    let ahead = try await board.follow(Self.sales, after: "13.1")
    let old = try await board.follow(Self.sales, after: "9.1")
    let strange = try await board.follow(Self.sales, after: "life-3")
    board.take(Self.batch([(13, 1), (13, 2)]))
    await board.tellArrived()
    board.close()
    #expect(Self.ids(await Self.words(of: first)) == ["10", "11.1", "11.2", "12.1", "13.1", "13.2"])
    #expect(Self.ids(await Self.words(of: known)) == ["11.2", "12.1", "13.1", "13.2"])
    #expect(Self.ids(await Self.words(of: ahead)) == ["13.2"])
    for follower in [old, strange] {
      let words = await Self.words(of: follower)
      #expect(words[0].contains("event: missed\n") && words[1].contains("event: state\n"))
    }
  }

  @Test("a gap is told once, to those who were there before, and the stream goes on behind it")
  func gaps() async throws {
    let (board, cluster) = Self.board()
    let before = try await board.follow(Self.sales, after: nil)
    var batch = Self.batch([(11, 1)])
    batch.gaps = [(desk: Self.sales, following: DeskFollowing.at(20))]
    board.take(batch)
    await board.tellArrived()
    cluster.change { $0.followings[Self.sales] = .at(20) }
    await board.renew()
    let late = try await board.follow(Self.sales, after: "11.1")
    board.take(Self.batch([(21, 1)]))
    await board.tellArrived()
    board.close()
    let told = await Self.words(of: before)
    #expect(Self.ids(told) == ["10", "11.1", "20", "20", "21.1"], "\(told)")
    #expect(told[2].contains("event: missed\n") && told[3].contains("event: state\n"))
    #expect(Self.ids(await Self.words(of: late)) == ["20", "20", "21.1"])
  }

  @Test("a slow follower is let go, too much at once is a gap, and the deletion of the desk ends the stream")
  func bounded() async throws {
    var bounds = EventBoard.Bounds()
    (bounds.waiting, bounds.kept, bounds.arriving) = (8, 4, 50)
    let (board, cluster) = Self.board(bounds)
    let slow = try await board.follow(Self.sales, after: nil)
    board.take(Self.batch((11...40).map { ($0, 1) }))
    await board.tellArrived()
    let told = await Self.words(of: slow)
    #expect(told.last == ServerSentEvent.end("slow") && told.count <= 16)

    cluster.change { $0.followings[Self.sales] = DeskFollowing(since: 10, at: 40, state: .three, time: 0) }
    let next = try await board.follow(Self.sales, after: "39.1")
    board.take(Self.batch((41...60).map { ($0, 1) }))
    board.take(Self.batch((61...200).map { ($0, 1) }))
    cluster.change { $0.followings[Self.sales] = DeskFollowing(since: 10, at: 200, state: .three, time: 0) }
    await board.tellArrived()
    board.take(Self.batch([(200, 1), (201, 1)]))
    await board.tellArrived()
    var gone = DeskNewsBatch()
    gone.gone = [Self.sales]
    board.take(gone)
    await board.tellArrived()
    let words = await Self.words(of: next)
    #expect(Self.ids(words) == ["40.1", "200", "200", "201.1"], "\(words)")
    #expect(words[1].contains("event: missed\n") && words.last == ServerSentEvent.end("deleted"))
    #expect(board.followers == 0)
  }
}

extension DeskFollowing {
  fileprivate static func at(_ index: UInt64) -> Self {
    DeskFollowing(since: index, at: index, state: .three, time: 0)
  }
}

extension DeskSummary {
  /// Of a desk where three sessions wait.
  fileprivate static var three: DeskSummary {
    var state = DeskSummary(ReplicatedState().desks[0])
    state.queued = 3
    return state
  }
}
