import Foundation
import Testing

/// The group itself changes, while customers talk.
@Suite("Members come and go on real processes", .serialized, .timeLimit(.minutes(15)))
struct MembershipTests {
  private func add(_ number: Int, to cluster: TestCluster) throws {
    let node = cluster.nodes[number - 1]
    try cluster.start(number)
    let (output, status) = try cluster.control(
      "add", "--id", "\(number)", "--peer", "127.0.0.1:\(node.peerPort)", "--client", node.url)
    #expect(status == 0, "\(output)")
  }

  @Test("a fourth and a fifth node are taken in and the leader is taken out under load, and nothing is lost")
  func growAndShrink() async throws {
    let cluster = try TestCluster(spare: 2)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let talks = try Talks(cluster)
    let removed = Shared(0)
    try await talks.during {
      try add(4, to: cluster)
      try await talks.goOn()
      try add(5, to: cluster)
      try await talks.goOn()
      let leader = try await cluster.leader()
      removed.set(leader)
      let (output, status) = try cluster.control("remove", "node\(leader)", asking: [1, 2, 3, 4, 5])
      #expect(status == 0, "\(output)")
      #expect(try await cluster.exitCode(leader) == 0, "a node that was removed ends by itself")
    }
    let left = (1...5).filter { $0 != removed.value }
    for node in left {
      try await eventually("node \(node) knows the members") {
        await cluster.voters(seenBy: node) == left.map { "node\($0)" }
      }
    }
    try await talks.expectNothingLost(on: left)
  }

  @Test("a node takes the place of another in one step")
  func replace() async throws {
    let cluster = try TestCluster(spare: 1)
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let old = leader % 3 + 1
    let talks = try Talks(cluster, speakers: 2)
    try await talks.during {
      let node = cluster.nodes[3]
      try cluster.start(4)
      let (output, status) = try cluster.control(
        "add", "--id", "4", "--peer", "127.0.0.1:\(node.peerPort)", "--client", node.url, "--replaces",
        "node\(old)")
      #expect(status == 0, "\(output)")
    }
    let left = [1, 2, 3, 4].filter { $0 != old }
    try await eventually("the members are the new ones") {
      await cluster.voters(seenBy: 4) == left.map { "node\($0)" }
    }
    try await talks.expectNothingLost(on: left)
  }

  @Test("members that were added are known after all nodes were killed and started again")
  func addedMembersSurviveARestart() async throws {
    let cluster = try TestCluster(spare: 1)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try add(4, to: cluster)
    for node in 1...4 { cluster.kill9(node) }
    for node in 1...4 { try cluster.start(node) }
    for node in 1...4 {
      try await eventually("node \(node) knows all four") {
        let members = await cluster.members(seenBy: node)
        return members.count == 4 && members.values.allSatisfy { $0["voter"] as? Bool == true }
          && members.values.allSatisfy { $0["reachable"] as? Bool == true }
      }
    }
  }

  @Test("leadership moves to the node that was named, back and forth under load, and nothing is lost")
  func transfer() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let talks = try Talks(cluster)
    try await talks.during {
      for _ in 0..<4 {
        let leader = try await cluster.leader()
        let next = leader % 3 + 1
        let (output, status) = try cluster.control("transfer", "node\(next)")
        #expect(status == 0 && output.contains("node\(next) leads now"), "\(output)")
        try await eventually("node \(next) leads") {
          await cluster.status(next)?["leader"] as? String == "node\(next)"
        }
        try await talks.goOn()
      }
    }
    try await talks.expectNothingLost(on: [1, 2, 3])
  }

  @Test("what cannot be is refused with words that say why")
  func refusals() async throws {
    let cluster = try TestCluster(spare: 1)
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    #expect(try cluster.control("remove", "node9").status == 1)
    #expect(try cluster.control("transfer", "node\(leader)").status == 1)
    #expect(
      try cluster.control("add", "--id", "4", "--peer", "no port", "--client", "http://127.0.0.1:1").status == 1
    )
    let taken = cluster.nodes[0]
    #expect(
      try cluster.control("add", "--id", "4", "--peer", "127.0.0.1:\(taken.peerPort)", "--client", "http://h:1")
        .status
        == 1)
    // With one of three gone, taking out another that answers would leave nobody to agree.
    let gone = leader % 3 + 1
    let other = gone % 3 + 1
    cluster.kill9(gone)
    try await eventually("the leader notices") {
      let members = await cluster.members(seenBy: leader)
      return (members["node\(gone)"]?["last_contact_ms"] as? Int ?? 0) > 2_000
    }
    #expect(try cluster.control("remove", "node\(other)", asking: [leader]).status == 1)
    #expect(await cluster.voters(seenBy: leader) == ["node1", "node2", "node3"])
  }
}
