import Foundation
import SwitchboardClient
import Testing

/// Customers who talk while something happens to the cluster, and the proof afterwards.
struct Talks: Sendable {
  let cluster: TestCluster
  let speakers: [Speaker]
  private let sessions = Shared<[Int: String]>([:])

  init(_ cluster: TestCluster, speakers count: Int = 4) throws {
    self.cluster = cluster
    speakers = try (0..<count).map {
      try Speaker(cluster, sub: "c\($0)", first: $0 % 3 + 1)
    }
  }

  var sessionIDs: [String] { sessions.value.values.sorted() }

  var acks: Int { speakers.reduce(0) { $0 + $1.acks.count } }

  /// Every speaker gets further from here on.
  func goOn() async throws {
    let before = speakers.map(\.acks.count)
    try await eventually("every speaker goes on") {
      zip(speakers, before).allSatisfy { $0.acks.count > $1 + 10 }
    }
  }

  /// Lets all talk while `events` run.
  func during(_ events: @Sendable () async throws -> Void) async throws {
    let enough = Shared(false)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for speaker in speakers { group.addTask { try await speaker.connection.run() } }
      try await withThrowingTaskGroup(of: Void.self) { talks in
        for (number, speaker) in speakers.enumerated() {
          talks.addTask {
            let session = try await speaker.connection.open(skill: "billing").session
            sessions.change { $0[number] = session }
            try await speaker.talk(in: session) { enough.value }
          }
        }
        try await goOn()
        do { try await events() } catch {
          enough.set(true)
          talks.cancelAll()
          group.cancelAll()
          throw error
        }
        try await goOn()
        enough.set(true)
        try await talks.waitForAll()
      }
      for speaker in speakers { await speaker.connection.shutDown() }
      try await group.waitForAll()
    }
  }

  /// On each of these nodes: all that was acknowledged, in order, once.
  func expectNothingLost(on nodes: [Int]) async throws {
    let admin = try cluster.token("admin", "auditor")
    for (number, speaker) in speakers.enumerated() {
      let session = try #require(sessions.value[number])
      for node in nodes {
        let history = try await cluster.history(session, on: node, token: admin)
        #expect(
          violations(acknowledged: speaker.acks, history: history) == [], "session \(session) on node \(node)")
      }
    }
  }
}

extension TestCluster {
  /// What the status page of a node says of each member.
  func members(seenBy number: Int) async -> [String: [String: Any]] {
    let members = await status(number)?["members"] as? [[String: Any]] ?? []
    return members.reduce(into: [:]) { $0[$1["id"] as? String ?? ""] = $1 }
  }

  /// Names of those who vote, as a node sees it; empty while a change is under way.
  func voters(seenBy number: Int) async -> [String] {
    guard let status = await status(number), status["change"] == nil else { return [] }
    let members = status["members"] as? [[String: Any]] ?? []
    return members.filter { $0["voter"] as? Bool == true }.compactMap { $0["id"] as? String }.sorted()
  }

  /// `switchboard cluster ...` against this cluster.
  func control(_ arguments: String..., asking nodes: [Int] = [1, 2, 3]) throws -> (
    output: String, status: Int32
  ) {
    let urls = nodes.flatMap { ["--url", self.nodes[$0 - 1].url] }
    return try run(["cluster"] + arguments + urls + ["--secret-file", directory + "/secret"], complaints: true)
  }
}
