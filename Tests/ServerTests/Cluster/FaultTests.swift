import Foundation
import SwitchboardClient
import Testing

/// Three real processes and what may happen to them.
@Suite("A cluster of three processes", .serialized, .timeLimit(.minutes(15)))
struct FaultTests {
  @Test(
    "killing the leader under a stream of messages loses, doubles and reorders nothing that was acknowledged")
  func leaderIsKilled() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let speakers = try (0..<6).map { try Speaker(cluster, sub: "c\($0)", first: $0 % 3 + 1) }
    let enough = Shared(false)
    let sessions = Shared<[Int: String]>([:])
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
        try await eventually("100 acks before the kill") { speakers.reduce(0) { $0 + $1.acks.count } >= 100 }
        cluster.kill9(leader)
        let before = speakers.map(\.acks.count)
        try await eventually("every speaker goes on after the kill") {
          zip(speakers, before).allSatisfy { $0.acks.count > $1 + 20 }
        }
        try cluster.start(leader)
        try await eventually("the killed node is back") { await cluster.status(leader)?["leader"] is String }
        enough.set(true)
        try await talks.waitForAll()
      }
      for speaker in speakers { await speaker.connection.shutDown() }
      try await group.waitForAll()
    }
    let admin = try cluster.token("admin", "auditor")
    for (number, speaker) in speakers.enumerated() {
      let session = try #require(sessions.value[number])
      #expect(speaker.acks.count > 20)
      for node in 1...3 {
        let history = try await cluster.history(session, on: node, token: admin)
        #expect(
          violations(acknowledged: speaker.acks, history: history) == [], "session \(session) on node \(node)")
      }
    }
  }

  @Test("with two of three nodes gone nothing is acknowledged, and it goes on when they are back")
  func noQuorum() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let speaker = try Speaker(cluster, sub: "alone", first: 1)
    let admin = try cluster.token("admin", "auditor")
    let refusals = Shared<[String]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await speaker.connection.run() }
      group.addTask {
        for await event in speaker.connection.events {
          if case .retrying(_, let code, _, _) = event { refusals.change { $0.append(code) } }
        }
      }
      let session = try await speaker.connection.open().session
      try await speaker.say("before", in: session)
      cluster.kill9(2)
      cluster.kill9(3)
      // Put off again and again, until whoever asks gives up.
      await #expect(throws: CancellationError.self) {
        try await withThrowingTaskGroup(of: Void.self) { void in
          void.addTask { try await speaker.say("into the void", in: session) }
          try await eventually("it is put off", reaches: 3) { refusals.value.count { $0 == "no_quorum" } }
          void.cancelAll()
          try await void.waitForAll()
        }
      }
      let (code, _) = try await cluster.get(1, "/readyz")
      #expect(code == 503)
      #expect(await cluster.status(1)?["health"] as? String == "no_quorum")
      try cluster.start(2)
      try cluster.start(3)
      _ = try await cluster.leader()
      try await speaker.say("after", in: session)
      #expect(Set(speaker.acks.values) == ["before", "after"])
      for node in 1...3 {
        let history = try await cluster.history(session, on: node, token: admin)
        #expect(violations(acknowledged: speaker.acks, history: history) == [])
      }
      await speaker.connection.shutDown()
      try await group.waitForAll()
    }
  }

  @Test("SIGKILL of all nodes at once gives back all that was acknowledged")
  func allAreKilled() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let speaker = try Speaker(cluster, sub: "c", first: 2)
    let admin = try cluster.token("admin", "auditor")
    let enough = Shared(false)
    let opened = Shared("")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await speaker.connection.run() }
      try await withThrowingTaskGroup(of: Void.self) { talks in
        talks.addTask {
          let session = try await speaker.connection.open().session
          opened.set(session)
          try await speaker.talk(in: session) { enough.value }
        }
        try await eventually("50 acks") { speaker.acks.count >= 50 }
        for node in 1...3 { cluster.kill9(node) }
        let before = speaker.acks.count
        for node in 1...3 { try cluster.start(node) }
        try await eventually("it goes on") { speaker.acks.count > before + 10 }
        enough.set(true)
        try await talks.waitForAll()
      }
      await speaker.connection.shutDown()
      try await group.waitForAll()
    }
    let session = opened.value
    for node in 1...3 {
      let history = try await cluster.history(session, on: node, token: admin)
      #expect(violations(acknowledged: speaker.acks, history: history) == [])
    }
  }

  @Test(
    "a node that was away comes back and catches up, through a snapshot when the log no longer reaches back")
  func catchesUpBySnapshot() async throws {
    let cluster = try TestCluster(settings: ["raft": ["snapshot_entries": 200]])
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let away = leader % 3 + 1
    let admin = try cluster.token("admin", "auditor")
    let speaker = try Speaker(cluster, sub: "c", first: leader)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await speaker.connection.run() }
      let session = try await speaker.connection.open().session
      try await speaker.say("first", in: session)
      cluster.kill9(away)
      for number in 0..<700 { try await speaker.say("while away \(number)", in: session) }
      try cluster.start(away)
      try await eventually("the node has it all") {
        let history = try? await cluster.history(session, on: away, token: admin, local: true)
        return history?.count == 701
      }
      let history = try await cluster.history(session, on: away, token: admin, local: true)
      #expect(violations(acknowledged: speaker.acks, history: history) == [])
      await speaker.connection.shutDown()
      try await group.waitForAll()
    }
  }

  @Test("a frozen leader is replaced, and what it says after it wakes has no effect")
  func leaderIsFrozen() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let others = [1, 2, 3].filter { $0 != leader }
    let admin = try cluster.token("admin", "auditor")
    let speaker = try Speaker(cluster, sub: "c", first: leader)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await speaker.connection.run() }
      let session = try await speaker.connection.open().session
      for number in 0..<20 { try await speaker.say("before \(number)", in: session) }
      cluster.signal(leader, SIGSTOP)
      _ = try await cluster.leader(among: others)
      for number in 0..<20 { try await speaker.say("frozen \(number)", in: session) }
      cluster.signal(leader, SIGCONT)
      for number in 0..<20 { try await speaker.say("after \(number)", in: session) }
      await speaker.connection.shutDown()
      try await group.waitForAll()
      #expect(speaker.acks.count == 60)
      for node in 1...3 {
        let history = try await cluster.history(session, on: node, token: admin)
        #expect(violations(acknowledged: speaker.acks, history: history) == [])
        #expect(history.count == 60)
      }
    }
  }
}
