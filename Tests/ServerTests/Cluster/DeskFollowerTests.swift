import Foundation
import SwitchboardClient
import Testing

/// The client in Swift that follows a desk, against three real nodes.
@Suite("A program in Swift follows a desk", .serialized, .timeLimit(.minutes(10)))
struct DeskFollowerTests {
  @Test(
    "what happens is told in values, each once, at another node when one dies; what that one has not kept is said to be missed"
  )
  func follows() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await eventually("the cluster has desks") { (await cluster.status(3)?["level"] as? Int ?? 0) >= 4 }
    let supervisor = try cluster.token("supervisor", "sue")
    let backoff = Backoff(first: .milliseconds(50), longest: .seconds(1))
    let urls = [cluster.nodes[0].url, cluster.nodes[1].url]
    let follower = DeskFollower(settings: ClientSettings(urls: urls, backoff: backoff)) { supervisor }
    // So that node 2 keeps what happens.
    let keeper = DeskFollower(settings: ClientSettings(urls: [urls[1]], backoff: backoff)) { supervisor }
    let (heard, kept) = (Shared<[DeskFollowerEvent]>([]), Shared<[DeskFollowerEvent]>([]))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for other in [follower, keeper] { group.addTask { try await other.run() } }
      group.addTask { for await event in follower.events { heard.change { $0.append(event) } } }
      group.addTask { for await event in keeper.events { kept.change { $0.append(event) } } }
      for list in [heard, kept] {
        try await eventually("the state of the desk") {
          list.value.updates.contains {
            if case .state(let desk) = $0.change { desk.desk == "main" } else { false }
          }
        }
      }
      let first = try await opened(cluster)
      try await eventually("an opening is told") { heard.value.opened == [first] }

      cluster.kill9(1)
      let second = try await opened(cluster)
      try await eventually("node 2 goes on") { heard.value.opened == [first, second] }
      #expect(!heard.value.contains(.missed), "\(heard.value)")

      try cluster.start(1)
      try await eventually("node 1 is back") { await cluster.status(1)?["health"] as? String == "ok" }
      cluster.kill9(2)
      // Node 1 has told nobody of the desk yet.
      try await eventually("a gap, and the state behind it") {
        guard let gap = heard.value.firstIndex(of: .missed) else { return false }
        return heard.value[gap...].updates.first?.kind == "state"
      }
      let third = try await opened(cluster)
      let token = try cluster.token("customer", "ann")
      let closed = try await cluster.post(
        3, "/v1/sessions/\(third)/close", #"{"reason":"done"}"#, key: "close", token: token)
      #expect(closed.0 == 200, "\(closed)")
      try await eventually("the end is told") {
        heard.value.updates.contains {
          $0.session == third && $0.change == .closed(by: "ann", reason: "done")
        }
      }
      for other in [follower, keeper] { await other.shutDown() }
      try await group.waitForAll()
      #expect(heard.value.opened == [first, second, third])
    }
    let ids = heard.value.updates.filter { $0.kind != "state" }.map(\.id)
    #expect(Set(ids).count == ids.count, "something was told twice: \(ids)")
  }

  @Test("whoever may not follow, or names a desk that is not there, is told so, and nothing is tried again")
  func refused() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await eventually("the cluster has desks") { (await cluster.status(1)?["level"] as? Int ?? 0) >= 4 }
    for (role, desk, code) in [("agent", nil, "forbidden"), ("admin", "nobody", "not_found")] {
      let token = try cluster.token(role, "x")
      let follower = DeskFollower(settings: ClientSettings(urls: [cluster.nodes[0].url]), desk: desk) { token }
      do {
        try await follower.run()
        Issue.record("\(role) follows")
      } catch ClientError.refused(let said, let words) {
        #expect(said == code && !words.isEmpty)
      }
    }
  }

  /// However long the cluster has no leader meanwhile.
  private func opened(_ cluster: TestCluster) async throws -> String {
    let token = try cluster.token("customer", "ann")
    let (key, session) = (UUID().uuidString, Shared(""))
    try await eventually("a conversation is opened") {
      let (status, answer) = try await cluster.post(
        3, "/v1/sessions", #"{"channel":"web"}"#, key: key, token: token)
      guard status == 201 || status == 200, let id = answer["session"] as? String else { return false }
      session.set(id)
      return true
    }
    return session.value
  }
}

extension Sequence<DeskFollowerEvent> {
  fileprivate var updates: [DeskUpdate] {
    compactMap { if case .update(let update) = $0 { update } else { nil } }
  }

  /// The conversations, in the order of their openings.
  fileprivate var opened: [String] {
    updates.compactMap { if case .opened = $0.change { $0.session } else { nil } }
  }
}
