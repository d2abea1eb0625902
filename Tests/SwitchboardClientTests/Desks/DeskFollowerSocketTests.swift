import NIOHTTP1
import Protocol
import SwitchboardClient
import Testing

@Suite("Who follows a desk, on real sockets", .timeLimit(.minutes(5)))
struct DeskFollowerSocketTests {
  /// What comes behind an id, of twenty things that have happened.
  private static func events(after last: String?) -> String {
    let first = (last.flatMap { Int($0) } ?? 0) + 1
    return (first...max(first, 20)).map { number in
      "id: \(number)\nevent: left\ndata: {\"time\":\"2026-11-30T00:00:00.000Z\",\"session\":\"8192\",\"customer\":\"c\(number)\"}\n\n"
    }.joined()
  }

  @Test("a listener that reads nothing for a while is told everything once, in order")
  func slowListener() async throws {
    let asked = Journal()
    let node = try await FakeStreamNode.listen { last in
      asked.write(last ?? "nothing")
      return (.ok, Self.events(after: last))
    }
    var settings = ClientSettings(urls: [node.url])
    settings.eventBuffer = 6
    let follower = DeskFollower(settings: settings) { "token" }
    let heard = try await withThrowingTaskGroup(of: [String]?.self) { group in
      group.addTask {
        try await node.run()
        return nil
      }
      group.addTask {
        try await follower.run()
        return nil
      }
      group.addTask {
        // The listener has no room before: sooner than the silence of a node would end the connection.
        let end = ContinuousClock.now + .seconds(10)
        while asked.all.count < 2, ContinuousClock.now < end {
          try await Task.sleep(for: .milliseconds(20))
        }
        // Behind what the listener had: what is told first takes a place as well.
        #expect(asked.all.prefix(2) == ["nothing", "5"])
        var customers: [String] = []
        for await event in follower.events {
          guard case .update(let update) = event, case .left(let customer) = update.change else { continue }
          customers.append(customer)
          if customers.count == 20 { break }
        }
        await follower.shutDown()
        return customers
      }
      defer { group.cancelAll() }
      while let result = try await group.next() {
        if let result { return result }
      }
      return []
    }
    #expect(heard == (1...20).map { "c\($0)" })
  }

  @Test("a node that refuses ends it with what it says")
  func refused() async throws {
    let node = try await FakeStreamNode.listen { _ in
      (.forbidden, #"{"code":"forbidden","detail":"Not yours."}"#)
    }
    let follower = DeskFollower(settings: ClientSettings(urls: [node.url])) { "token" }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await node.run() }
      await #expect(throws: ClientError.refused(code: "forbidden", message: "Not yours.")) {
        try await follower.run()
      }
      group.cancelAll()
    }
    // Nothing is told any more.
    for await event in follower.events { Issue.record("\(event)") }
  }

  @Test(
    "it ends when it is shut down, with a stream under way, and its events with it", arguments: [false, true])
  func shutDown(isFollowing: Bool) async throws {
    let node = try await FakeStreamNode.listen { _ in (.ok, Self.events(after: nil)) }
    let url = isFollowing ? node.url : "http://127.0.0.1:1"
    let follower = DeskFollower(settings: ClientSettings(urls: [url])) { "token" }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await node.run() }
      group.addTask {
        for await event in follower.events {
          switch event {
          case .update, .disconnected: await follower.shutDown()
          case .connected, .missed: break
          }
        }
      }
      try await follower.run()
      group.cancelAll()
    }
  }
}
