import Foundation
import SwitchboardClient
import Testing

@Suite("The status of three nodes is what is described", .serialized, .timeLimit(.minutes(10)))
struct DescribedStatusTests {
  /// What tells of trouble that this test does not make, or of nothing on a machine that is fast.
  private static let quiet: Set<String> = [
    "change", "change.step", "change.joining", "change.leaving", "members.certificates",
    "members.certificates.use", "members.certificates.expires_at", "members.certificates.days_left",
    "members.certificates.renewal_refused", "members.archive.gap", "members.archive.lag",
    "members.archive.missing_entries", "members.archive.rows_from_others", "members.archive.erasing",
    "members.archive.kept_from",
    "members.lag", "members.load.cpu", "members.load.loop_lag_ms", "members.storage.fsync_p99_ms",
  ]

  /// What is told once a node is gone, and its agents with it.
  private static let trouble: Set<String> = [
    "problems", "problems.code", "problems.node", "problems.since", "problems.advice", "agents.offline",
  ]

  @Test(
    "nothing is said that is not described, nothing is left out that is promised, and everything else says something"
  )
  func described() async throws {
    let cluster = try TestCluster(settings: ["raft": ["snapshot_entries": 100]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let (code, description) = try await cluster.get(1, "/openapi.json")
    #expect(code == 200)
    let check = Shared(try SchemaCheck(openAPI: description))
    @Sendable func look(_ nodes: [Int]) async throws {
      for node in nodes {
        let (code, status) = try await cluster.get(node, "/v1/cluster/status")
        let (_, members) = try await cluster.get(node, "/v1/cluster/members?limit=2")
        #expect(code == 200)
        var seen = check.value
        try seen.check(status, is: "ClusterStatus")
        try seen.check(members, is: "Members")
        check.set(seen)
      }
    }
    let talks = try Talks(cluster, speakers: 4)
    let people = try ["online", "busy", "away"].map { try Attendant(cluster, $0, first: 1) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for person in people { group.addTask { try await person.connection.run() } }
      // Somebody is served, somebody waits, and one conversation is over.
      try await people[0].connection.setStatus(.online, skills: ["billing"], capacity: 1)
      try await people[1].connection.setStatus(.busy)
      try await people[2].connection.setStatus(.away)
      let ann = try cluster.token("customer", "ann")
      let (_, opened) = try await cluster.post(1, "/v1/sessions", #"{"skill":"none"}"#, token: ann)
      let over = try #require(opened["session"] as? String)
      _ = try await cluster.post(1, "/v1/sessions/\(over)/close", "{}", token: ann)
      try await talks.during {
        try await eventually(
          "all but trouble has said something", reaches: check.value.places(named: "ClusterStatus").count
        ) {
          try await look([1, 2, 3])
          let seen = missing(check.value).subtracting(Self.trouble)
          return check.value.places(named: "ClusterStatus").count
            - (check.value.faults.isEmpty ? seen.count : 0)
        }
      }
      for person in people { await person.connection.shutDown() }
      try await group.waitForAll()
    }
    cluster.kill9(3)
    try await eventually("trouble is told") {
      try await look([1, 2])
      return !check.value.faults.isEmpty || missing(check.value).isEmpty
    }
    #expect(check.value.faults.isEmpty, "\(Set(check.value.faults).sorted().prefix(20))")
    #expect(missing(check.value).isEmpty, "\(missing(check.value).sorted()) has never said anything")
  }

  private func missing(_ check: SchemaCheck) -> Set<String> {
    check.places(named: "ClusterStatus").subtracting(check.lively).subtracting(Self.quiet)
  }
}
