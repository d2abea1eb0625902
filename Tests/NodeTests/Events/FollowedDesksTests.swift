import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("What happens in a desk is told to who follows it")
struct FollowedDesksTests {
  private static let other = DeskName("other") ?? .main

  /// A node with a second desk.
  private static func node() throws -> LoneNode {
    var node = try LoneNode()
    let admin = Person(id: "root", role: .admin, name: "root")
    let origin = Origin(server: ServerID(3), request: 0)
    node.commit([
      Submission(origin: origin, command: .raiseLevel(RaiseLevel(.fourth))),
      Submission(
        origin: origin, command: .govern(ClusterEnvelope(CreateDesk(desk: other), id: "1", by: admin))),
    ])
    node.forget()
    return node
  }

  private static func names(_ node: LoneNode, of desk: DeskName = .main) -> [String] {
    node.deskNews.flatMap(\.events).filter { $0.desk == desk }.map(\.event.name)
  }

  @Test(
    "a desk that nobody follows costs nothing; one that is followed tells sessions and agents, without what was said"
  )
  func follows() throws {
    var node = try Self.node()
    _ = try node.open("r1", customer: "ann", owner: 1)
    #expect(node.deskNews.isEmpty)
    node.take(.call(1, .follow(.main)))
    node.take(.call(2, .follow(Self.other)))
    node.take(.call(3, .follow(try #require(DeskName("nobody")))))
    node.endTurn()
    let at = node.node.log.index.rawValue
    #expect(node.answered == ["1 follows since \(at)", "2 follows since \(at)", "3 not_found"])
    let session = try node.open("r2", customer: "ben", owner: 3)
    node.sayElsewhere("the secret", in: session)
    #expect(Self.names(node) == ["opened", "queued"])
    #expect(Self.names(node, of: Self.other) == [])
    let events = node.deskNews.flatMap(\.events).map(\.event)
    #expect(events.map(\.place) == [1, 2] && events.allSatisfy { $0.session == session && $0.index > at })
    #expect(events[0].json.contains(#""customer":"ben""#), "\(events[0].json)")
    #expect(!events.contains { $0.json.contains("secret") })
  }

  @Test("whoever does not ask again is told nothing more")
  func lease() throws {
    var node = try Self.node()
    node.take(.call(1, .follow(.main)))
    node.endTurn()
    node.later(.seconds(29))
    node.take(.call(2, .follow(.main)))
    node.endTurn()
    node.later(.seconds(29))
    _ = try node.open("r1", customer: "ann", owner: 1)
    #expect(Self.names(node) == ["opened", "queued"])
    node.later(.seconds(2))
    node.endTurn()
    node.deskNews = []
    _ = try node.open("r2", customer: "ben", owner: 1)
    #expect(node.deskNews.isEmpty && node.node.followed.isEmpty)
  }

  @Test(
    "so many desks are followed and no more; of one turn so many events are told, and then that some were not")
  func bounds() throws {
    let node = try Self.node()
    var followed = FollowedDesks()
    for number in 0..<FollowedDesks.most {
      let name = try #require(DeskName("d\(number)"))
      #expect(followed.follow(name, at: LogIndex(7), now: node.now) == LogIndex(7))
    }
    #expect(followed.follow(.main, at: LogIndex(7), now: node.now) == nil)

    followed = FollowedDesks()
    _ = followed.follow(.main, at: LogIndex(7), now: node.now)
    let session = SessionID(rawValue: 4096)
    let effects = (0..<FollowedDesks.mostOfTurn - 1).map { Effect.session(session, .queued(position: $0)) }
    for index in 8...9 as ClosedRange<UInt64> {
      let entry = Entry(index: LogIndex(index), term: Term(1), time: 5, data: [])
      followed.add(effects, of: entry, in: node.node.state)
    }
    let state = node.node.state
    let batch = followed.take(at: LogIndex(9), now: node.now, timeOfDay: 6) {
      state.desks($0, limit: 1).desks.first
    }
    #expect(batch.events.count == FollowedDesks.mostOfTurn)
    #expect(batch.events.last?.event.index == 9 && batch.events.last?.event.place == 1)
    #expect(batch.gaps.map(\.desk) == [.main] && batch.gaps[0].following.since == 9)
    followed.skip(to: LogIndex(50))
    let skipped = followed.take(at: LogIndex(50), now: node.now, timeOfDay: 6) { _ in nil }
    #expect(skipped.gone == [.main] && followed.isEmpty)
  }
}
