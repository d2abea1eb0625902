import Foundation
import SwitchboardClient
import Testing

/// Many agents, more chats, and leaders that die. `SWITCHBOARD_RACE_AGENTS` and `SWITCHBOARD_RACE_CHATS` make it
/// larger; 200 and 10,000 is the size that the project promises.
@Suite("A race for chats", .serialized, .timeLimit(.minutes(60)))
struct RaceTests {
  static func size(_ name: String, _ fallback: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? fallback
  }

  /// How many chats may have ended so far; the rest wait for that.
  final class Allowance: Sendable {
    private let state: Shared<(limit: Int, chats: Set<String>)>
    init(_ limit: Int) { state = Shared((limit, [])) }
    func raise(by count: Int) { state.change { $0.limit += count } }
    /// The same chat is allowed again, whoever has it then.
    func allows(_ chat: String) -> Bool {
      var isAllowed = false
      state.change {
        if $0.chats.count < $0.limit { $0.chats.insert(chat) }
        isAllowed = $0.chats.contains(chat)
      }
      return isAllowed
    }
  }

  @Test("agents on three nodes race for chats while leaders die: none is given twice, nobody gets too many")
  func race() async throws {
    let agentCount = Self.size("SWITCHBOARD_RACE_AGENTS", 40)
    let chatCount = Self.size("SWITCHBOARD_RACE_CHATS", 400)
    let capacity = 3
    let limits = [
      "rate_per_connection": 0, "rate_per_address": 0, "connections_per_address": 0,
      "sessions_per_connection": 0, "open_requests": 0, "sessions_per_customer": 0, "opens_per_hour": 0,
    ]
    let cluster = try TestCluster(settings: ["desk": ["agent_grace_ms": 150], "limits": limits])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let admin = try cluster.token("admin", "auditor")
    let agents = try (0..<agentCount).map { try Attendant(cluster, "agent\($0)", first: $0 % 3 + 1) }
    let customers = try (0..<12).map { try Speaker(cluster, sub: "c\($0)", first: $0 % 3 + 1) }
    let allowance = Allowance(chatCount / 4)
    let violations = Shared<[String]>([])
    let looks = Shared(0)
    let isOver = Shared(false)

    try await withThrowingTaskGroup(of: Void.self) { group in
      for customer in customers { group.addTask { try await customer.connection.run() } }
      for agent in agents {
        group.addTask { try await agent.connection.run() }
        group.addTask { try await Self.serve(agent, allowance, until: isOver) }
        group.addTask {
          do { try await agent.connection.setStatus(.online, capacity: capacity) } catch ClientError.shutDown
            where isOver.value
          {}
        }
      }
      for node in 1...3 {
        group.addTask {
          while !isOver.value {
            let lines = await cluster.agents(seenBy: node, token: admin)
            guard let lines else {
              try await ContinuousClock().sleep(for: .milliseconds(20))
              continue
            }
            let found = Self.violations(in: lines, capacity: capacity)
            violations.change { $0 += found }
            looks.change { $0 += 1 }
          }
        }
      }
      for (number, customer) in customers.enumerated() {
        group.addTask {
          for chat in stride(from: number, to: chatCount, by: customers.count) {
            do { _ = try await customer.connection.open(id: "open-\(chat)") } catch ClientError.shutDown
              where isOver.value
            {}
          }
        }
      }
      group.addTask {
        for round in 1...2 {
          try await eventually("a part of the chats has ended", reaches: chatCount * round / 4) {
            await Self.ended(cluster)
          }
          let (leader, before) = (try await cluster.leader(), looks.value)
          cluster.kill9(leader)
          allowance.raise(by: chatCount / 4)
          try await eventually("it goes on without the leader", reaches: chatCount * (round + 1) / 4) {
            await Self.ended(cluster)
          }
          try await eventually("it was looked at meanwhile", reaches: before + 10) { looks.value }
          try cluster.start(leader)
          try await eventually("the node is back") { await cluster.status(leader)?["leader"] is String }
        }
        allowance.raise(by: chatCount * 100)
        for node in 1...3 {
          try await eventually("node \(node) knows that all chats have ended", reaches: chatCount) {
            await cluster.sessionCounts(seenBy: node)["closed"] ?? 0
          }
        }
        isOver.set(true)
        for person in customers.map(\.connection) + agents.map(\.connection) { await person.shutDown() }
      }
      // The first that fails ends the race with its error; nobody waits for what it would have done.
      for try await _ in group {}
    }
    #expect(violations.value == [])
    for node in 1...3 {
      let counts = await cluster.sessionCounts(seenBy: node)
      #expect(counts == ["active": 0, "queued": 0, "closed": chatCount], "node \(node)")
    }
  }

  /// Ends each chat that is the agent's, after a word to the customer.
  ///
  /// - Parameter isOver: all chats have ended, whatever this agent has heard of that: on a slow machine, an answer or
  ///   an assignment of long ago may still be on its way when the connection is shut down.
  private static func serve(_ agent: Attendant, _ allowance: Allowance, until isOver: Shared<Bool>) async throws
  {
    try await withThrowingTaskGroup(of: Void.self) { chats in
      for await event in agent.connection.events {
        guard case .assigned(let session, let served, _) = event, served == agent.id else { continue }
        chats.addTask {
          // As long as it takes: the race's own deadlines end it.
          while !allowance.allows(session) { try await ContinuousClock().sleep(for: .milliseconds(20)) }
          // Refused: it went to somebody else meanwhile, or was ended before.
          do {
            _ = try await agent.connection.send("done", to: session)
            try await agent.connection.close(session, reason: "done")
          } catch ClientError.refused {
          } catch ClientError.shutDown where isOver.value {}
        }
      }
      try await chats.waitForAll()
    }
  }

  /// Chats that have ended, as the node sees it that is the furthest.
  private static func ended(_ cluster: TestCluster) async -> Int {
    var most = 0
    for node in 1...3 { most = max(most, await cluster.sessionCounts(seenBy: node)["closed"] ?? 0) }
    return most
  }

  /// One moment of one node's state.
  private static func violations(in agents: [TestCluster.AgentLine], capacity: Int) -> [String] {
    var owners: [String: String] = [:]
    var found: [String] = []
    for agent in agents {
      if agent.chats.count > capacity { found.append("\(agent.id) has \(agent.chats.count) chats") }
      for chat in agent.chats {
        if let other = owners.updateValue(agent.id, forKey: chat) {
          found.append("\(chat) is with \(other) and with \(agent.id)")
        }
      }
    }
    return found
  }
}
