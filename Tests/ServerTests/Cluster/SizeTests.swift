import Foundation
import SwitchboardClient
import Testing

/// What is large by itself, or only together, on nodes whose segments are as small as can be.
@Suite("Sizes that meet in a cluster", .serialized, .timeLimit(.minutes(15)))
struct SizeTests {
  private static let openLimits = [
    "rate_per_connection": 0, "rate_per_address": 0, "connections_per_address": 0, "sessions_per_connection": 0,
    "open_requests": 0, "sessions_per_customer": 0, "opens_per_hour": 0,
  ]

  private func expectAllServe(_ cluster: TestCluster) async throws {
    for number in 1...3 {
      try await eventually("node \(number) serves") {
        let status = await cluster.status(number)
        return status?["health"] as? String == "ok"
      }
      #expect(!cluster.log(number).contains("the node stops itself"))
    }
  }

  @Test(
    "hundreds of opens at a time with all the attributes that are allowed: each is answered, all nodes go on")
  func maximalOpens() async throws {
    let cluster = try TestCluster(settings: [
      "storage": ["segment_bytes": "1MiB"], "limits": Self.openLimits, "development": ["faults": true],
    ])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    // With slow disks many opens come together while a few entries are under way.
    let admin = try cluster.token("admin", "ops")
    for number in 1...3 {
      let (code, answer) = try await cluster.put(
        number, "/v1/development/disk", #"{"sync_delay_ms":25}"#, token: admin)
      #expect(code == 200, "\(answer)")
    }
    // Four values of 4,096 bytes with their quotes are as much as is allowed, but for the names.
    let attributes = Dictionary(
      uniqueKeysWithValues: (0..<4).map { ("a\($0)", String(repeating: "x", count: 4_090)) })
    let speakers = try (0..<6).map {
      try Speaker(cluster, sub: "c\($0)", first: $0 % 3 + 1)
    }
    let sessions = Shared<Set<String>>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for speaker in speakers { group.addTask { try await speaker.connection.run() } }
      try await withThrowingTaskGroup(of: Void.self) { opens in
        for speaker in speakers {
          for _ in 0..<80 {
            opens.addTask {
              let session = try await speaker.connection.open(attributes: attributes).session
              sessions.change { $0.insert(session) }
            }
          }
        }
        try await opens.waitForAll()
      }
      for speaker in speakers { await speaker.connection.shutDown() }
      try await group.waitForAll()
    }
    #expect(sessions.value.count == 480)
    for number in 1...3 {
      _ = try await cluster.put(number, "/v1/development/disk", #"{"sync_delay_ms":0}"#, token: admin)
    }
    try await expectAllServe(cluster)
  }

  @Test("a message that is larger than a segment is kept by all, also over a restart")
  func largeMessage() async throws {
    var limits: [String: Any] = Self.openLimits
    limits["frame_bytes"] = "4MiB"
    limits["body_bytes"] = "1MiB"
    limits["outbound_bytes"] = 0
    let cluster = try TestCluster(settings: ["storage": ["segment_bytes": "1MiB"], "limits": limits])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let speaker = try Speaker(cluster, sub: "ann")
    let body = String(repeating: "y", count: 1 << 20)
    let session = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await speaker.connection.run() }
      let session = try await speaker.connection.open().session
      for text in ["before", body, "after"] { try await speaker.say(text, in: session) }
      await speaker.connection.shutDown()
      try await group.waitForAll()
      return session
    }
    cluster.kill9(2)
    try cluster.start(2)
    try await expectAllServe(cluster)
    let token = try cluster.token("supervisor", "eve")
    for number in 1...3 {
      let bodies = try await cluster.history(session, on: number, token: token).map(\.body)
      #expect(bodies == ["before", body, "after"])
    }
  }

  @Test("a node that is short of memory refuses what is new with words and is otherwise in its place")
  func memory() async throws {
    let cluster = try TestCluster(settings: ["limits": ["memory_bytes": "1MiB", "rate_per_address": 0]])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let problems = Shared<[String]>([])
    try await eventually("the status says it") {
      let status = await cluster.status(1)
      let codes = (status?["problems"] as? [[String: Any]])?.compactMap { $0["code"] as? String } ?? []
      problems.set(codes)
      return codes.contains("memory_short")
    }
    let (code, page) = try await cluster.get(1, "/metrics")
    #expect(code == 200)
    #expect(String(decoding: page, as: UTF8.self).contains("switchboard_memory_short 1"))
    let speaker = try Speaker(cluster, sub: "ann", timeout: .seconds(2))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await speaker.connection.run() }
      await #expect(throws: ClientError.self) { try await speaker.connection.open() }
      await speaker.connection.shutDown()
      try await group.waitForAll()
    }
    #expect(cluster.log(1).components(separatedBy: "memory is short").count == 2)
  }
}
