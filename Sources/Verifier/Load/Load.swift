package import Desk
import Kernel
import Simulation

/// How many people do how much.
package struct LoadSettings: Sendable {
  package var customers: Int
  package var agents: Int
  /// Chats that an agent takes at a time.
  package var capacity: Int
  /// Milliseconds between two messages of a customer, on average.
  package var pace: Int

  package init(customers: Int = 40, agents: Int = 8, capacity: Int = 4, pace: Int = 900) {
    self.customers = customers
    self.agents = agents
    self.capacity = capacity
    self.pace = pace
  }
}

/// Everybody who does something with the cluster during a run.
struct Load: Sendable {
  let settings: LoadSettings
  /// Different for each run, so that several can follow each other on one cluster.
  let run: String
  let seed: UInt64
  let recorder: Recorder
  let urls: [String]
  let nodes: @Sendable () -> [NodeAddress]
  let requests: NodeRequests
  let tokens: TokenSource

  /// Until all are cancelled or the recorder's phase is over.
  func work() async throws {
    let skills = ["verify-\(run)-billing", "verify-\(run)-delivery"]
    let targets =
      (1...max(1, settings.agents)).map { Transfer.Target.agent(name("a", $0)) }
      // Half of them to a skill.
      + (0..<max(1, settings.agents)).map { .skill(skills[$0 % 2]) }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for number in 1...max(1, settings.agents) {
        // The first ones know everything, the others one thing each.
        let known = number % 2 == 0 ? skills : [skills[number / 2 % 2]]
        let agent = AgentAtWork(
          participant: try await participant("agent", "a", number), skills: known, targets: targets,
          capacity: settings.capacity, dice: dice(1000 + number))
        tasks.addTask { await agent.run() }
      }
      for number in 1...max(1, settings.customers) {
        let customer = Customer(
          participant: try await participant("customer", "c", number), skills: skills, pace: settings.pace,
          dice: dice(2000 + number))
        tasks.addTask { await customer.run() }
      }
      for number in 1...3 {
        let performer = Performer(
          participant: try await participant("customer", "p", number), skill: "verify-\(run)-performers",
          pace: settings.pace, level: { await level() }, dice: dice(6000 + number))
        tasks.addTask { await performer.run() }
      }
      for number in 1...2 {
        let watcher = Watcher(
          participant: try await participant("supervisor", "w", number), dice: dice(3000 + number))
        tasks.addTask { await watcher.run() }
      }
      for number in 1...3 {
        let reader = Reader(
          process: "\(run)-r\(number)", recorder: recorder, nodes: nodes, requests: requests, pace: 150,
          dice: dice(4000 + number))
        tasks.addTask { await reader.run() }
      }
      if let neighbour = try await neighbour() { tasks.addTask { await neighbour.run() } }
      let agents = AgentsReader(recorder: recorder, nodes: nodes, requests: requests, dice: dice(5000))
      tasks.addTask { await agents.run() }
      try await tasks.waitForAll()
    }
  }

  /// - Returns: nil: the run has a name that no desk can have.
  private func neighbour() async throws -> Neighbour? {
    guard let desk = DeskName("verify-\(seed)") else { return nil }
    var people: [NodeRequests] = []
    for (role, letter) in [("customer", "c"), ("agent", "a"), ("supervisor", "w"), ("admin", "x")] {
      people.append(
        NodeRequests(token: try await tokens(role, name(letter, 1), desk), authorities: requests.authorities))
    }
    return Neighbour(
      desk: desk, recorder: recorder, nodes: nodes, admin: requests, people: people, level: { await level() },
      dice: dice(7000))
  }

  private func level() async -> Level {
    guard let node = nodes().first, let level = try? await requests.status(at: node.url).level else {
      return .first
    }
    return Level(level)
  }

  private func dice(_ stream: Int) -> Dice { Dice(seed: seed, stream: UInt64(stream)) }

  private func name(_ letter: String, _ number: Int) -> String { "\(run)-\(letter)\(number)" }

  private func participant(_ role: String, _ letter: String, _ number: Int) async throws -> Participant {
    let process = name(letter, number)
    return Participant(
      process: process, urls: urls, first: number, recorder: recorder, authorities: requests.authorities,
      token: try await tokens(role, process, nil))
  }
}

/// Makes a token for a role (`customer`, `agent`, `supervisor`, `admin`), a `sub` and a desk, or none.
package typealias TokenSource =
  @Sendable (_ role: String, _ sub: String, _ desk: DeskName?) async throws -> String
