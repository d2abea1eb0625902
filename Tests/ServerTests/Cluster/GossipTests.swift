import Foundation
import SwitchboardClient
import Testing

/// Nodes that tell each other by sealed datagrams who answers and how busy they are.
@Suite("Gossip between real processes", .serialized, .timeLimit(.minutes(15)))
struct GossipTests {
  @Test("every node hears of every other, a killed one counts as dead, and as alive when it is back")
  func killed() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    for node in 1...3 {
      try await eventually("node \(node) has heard of all") {
        let opinions = await cluster.gossip(seenBy: node)
        return (1...3).allSatisfy {
          opinions["node\($0)"]?.state == "alive" && opinions["node\($0)"]?.age != nil
        }
      }
    }
    cluster.kill9(2)
    for node in [1, 3] {
      try await eventually("node \(node) takes node 2 for dead") {
        await cluster.gossip(seenBy: node)["node2"]?.state == "dead"
      }
      #expect(await cluster.states(seenBy: node)["node2"] == "dead")
      #expect(await cluster.gossip(seenBy: node)["node\(4 - node)"]?.state == "alive")
    }
    try cluster.start(2)
    for node in [1, 3] {
      try await eventually("node \(node) sees that node 2 is back") {
        await cluster.gossip(seenBy: node)["node2"]?.state == "alive"
      }
    }
    #expect(cluster.log(1).contains("gossip's opinion of a member has changed"))
  }

  @Test("a node that is stopped has said goodbye")
  func stopped() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await eventually("node 1 has heard of node 3") {
      await cluster.gossip(seenBy: 1)["node3"]?.age != nil
    }
    cluster.signal(3, SIGTERM)
    #expect(try await cluster.exitCode(3) == 0)
    try await eventually("node 1 knows that it has left") {
      await cluster.gossip(seenBy: 1)["node3"]?.state == "left"
    }
  }

  @Test(
    "without a key nodes do not gossip and say so; sessions opened at one node spread, with gossip and without",
    arguments: [true, false])
  func placement(withGossip: Bool) async throws {
    let cluster = withGossip ? try TestCluster() : try TestCluster(settings: ["gossip": [String: Any]()])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    if withGossip {
      try await eventually("node 1 has heard of all") {
        let opinions = await cluster.gossip(seenBy: 1)
        return [2, 3].allSatisfy { opinions["node\($0)"]?.age != nil }
      }
    } else {
      #expect(cluster.log(1).contains("this node does not gossip: it has no key"))
      #expect(await cluster.gossip(seenBy: 1).isEmpty)
    }
    let sessions = 90
    let speaker = try (0..<3).map { try Speaker(cluster, sub: "c\($0)", first: 1) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for speaker in speaker { group.addTask { try await speaker.connection.run() } }
      for number in 0..<sessions {
        _ = try await speaker[number % 3].connection.open(skill: "billing")
      }
      for speaker in speaker { await speaker.connection.shutDown() }
      try await group.waitForAll()
    }
    try await eventually("all sessions have an owner") {
      await cluster.ownedSessions(seenBy: 1).values.reduce(0, +) == sessions
    }
    let owned = await cluster.ownedSessions(seenBy: 1)
    // The customers' node keeps the first ones; then the others get what it has too much.
    #expect((owned["node1"] ?? 0) > 16, "\(owned)")
    #expect((owned["node2"] ?? 0) > 0 && (owned["node3"] ?? 0) > 0, "\(owned)")
    #expect((owned["node1"] ?? 0) < sessions * 2 / 3, "\(owned)")
  }
}

extension TestCluster {
  /// What a node has heard by gossip: the state, and the age of the hints in milliseconds.
  func gossip(seenBy number: Int) async -> [String: (state: String, age: Int?)] {
    await members(seenBy: number).compactMapValues { member in
      guard let opinion = member["gossip"] as? [String: Any], let state = opinion["state"] as? String else {
        return nil
      }
      return (state, opinion["age_ms"] as? Int)
    }
  }

  func states(seenBy number: Int) async -> [String: String] {
    await members(seenBy: number).compactMapValues { $0["state"] as? String }
  }

  func ownedSessions(seenBy number: Int) async -> [String: Int] {
    await members(seenBy: number).compactMapValues { ($0["load"] as? [String: Any])?["sessions"] as? Int }
  }
}
