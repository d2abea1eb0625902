import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// `can_lose` is held against what happens: after so many nodes are killed the cluster goes on, and after one more it does not.
@Suite("How many nodes a cluster says that it can lose", .serialized, .timeLimit(.minutes(30)))
struct CanLoseTests {
  enum State: String, CaseIterable, Sendable {
    case well, fullDisk, hangingDisk, frozen, isolated, clockOff, draining, gone, emptied
  }

  /// What is the matter with one node that does not lead.
  private func bring(_ state: State, to node: Int, of cluster: TestCluster) async throws {
    let token = try cluster.token("admin", "breaker")
    func ask(_ path: String, _ json: String) async throws {
      let (code, answer) = try await cluster.put(node, "/v1/development/" + path, json, token: token)
      #expect(code == 200, "\(answer)")
    }
    let others = [1, 2, 3].filter { $0 != node }
    switch state {
    case .well: break
    case .fullDisk: try await ask("disk", #"{"full":true}"#)
    case .hangingDisk: try await ask("disk", #"{"sync_delay_ms":10000}"#)
    case .frozen: cluster.signal(node, SIGSTOP)
    case .isolated: try await ask("partition", #"{"nodes":["node\#(others[0])","node\#(others[1])"]}"#)
    case .clockOff: try await ask("clock", #"{"ahead_ms":3600000}"#)
    case .draining: #expect(try cluster.control("drain", "node\(node)").status == 0)
    case .gone: cluster.kill9(node)
    case .emptied:
      cluster.kill9(node)
      try FileManager.default.removeItem(atPath: cluster.directory + "/data\(node)")
      // With its peers out of reach of a vote it would be taken in within a second: it stays stopped right after it began.
      try cluster.start(node)
      try await eventually("it waits") { cluster.log(node).contains("disk of this node is empty") }
      cluster.signal(node, SIGSTOP)
    }
  }

  private func isOfUse(_ state: State) -> Bool { [.well, .clockOff, .draining].contains(state) }

  @Test("is what it can lose, whatever is the matter with one of them", arguments: State.allCases)
  func holds(_ state: State) async throws {
    let cluster = try TestCluster(settings: ["development": ["faults": true]])
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let ill = leader % 3 + 1
    let other = ill % 3 + 1
    try await eventually("all is well") { await cluster.canLose(seenBy: leader) == 1 }
    let talks = try Talks(cluster, speakers: 2)
    try await talks.during {
      try await talks.goOn()
      try await bring(state, to: ill, of: cluster)
      if state == .clockOff {
        for node in 1...3 {
          try await eventually("node \(node) says whose clock is off") {
            let problems = await cluster.status(node)?["problems"] as? [[String: Any]] ?? []
            return problems.compactMap { $0["code"] as? String == "clock_off" ? $0["node"] as? String : nil }
              == ["node\(ill)"]
          }
        }
      }
      let expected = isOfUse(state) ? 1 : 0
      for node in [leader, other] {
        try await eventually("node \(node) says what can be lost") {
          let status = await cluster.status(node)
          let isOK = status?["health"] as? String == "ok"
          return await cluster.canLose(seenBy: node) == expected && (expected == 1 || !isOK)
        }
      }
      try await talks.goOn()
    }
    // Now it is tried: the one that is not ill and does not lead goes.
    cluster.kill9(other)
    if isOfUse(state) {
      try await eventually("the two that are left go on") {
        let status = await cluster.status(ill)
        return status?["health"] as? String == "degraded" && status?["leader"] is String
      }
      let (output, status) = try cluster.control(
        "transfer", "node\(ill == leader ? other : ill)", asking: [leader, ill])
      #expect(status == 0 || state == .draining, "\(output)")
    } else {
      try await eventually("the one that is left says that there is no quorum") {
        await cluster.status(leader)?["health"] as? String == "no_quorum"
      }
    }
    cluster.signal(ill, SIGCONT)
  }
}
