@testable import Verifier

/// A small run in which all went well; each test spoils one thing of it.
enum Stories {
  static let nodes = ["node1", "node2", "node3"]
  static let session = "100"

  static func line(_ sequence: UInt64, from: String = "c1") -> Line {
    Line(sequence: sequence, id: "m\(sequence)", from: from, body: "text \(sequence)")
  }

  static func attempt(_ sequence: UInt64, process: String = "c1") -> Attempt {
    let time = Int(sequence) * 100
    return Attempt(
      process: process, session: session, id: "m\(sequence)", body: "text \(sequence)",
      outcome: .acknowledged(sequence), called: time, returned: time + 10)
  }

  static func opening(
    _ session: String, at called: Moment, process: String = "c1", state: String = "queued", priority: Int = 0
  ) -> Opening {
    Opening(
      process: process, id: "open-\(session)", session: session, skill: "billing", priority: priority,
      state: state, called: called, returned: called + 10)
  }

  static func sight(
    _ session: String, at called: Moment, node: String = "node1", owner: String = "node1", epoch: UInt64? = 1,
    state: String = "active", skill: String = "billing", agents: [String] = ["a1"], position: Int? = nil,
    isPassedOver: Bool = false, sequence: UInt64 = 4
  ) -> SessionSight {
    SessionSight(
      node: node, session: session, owner: owner, epoch: epoch, state: state, skill: skill,
      agents: agents, position: position, isPassedOver: isPassedOver, sequence: sequence, called: called,
      returned: called + 5)
  }

  static func read(_ count: UInt64, at called: Moment, node: String = "node2") -> SessionRead {
    SessionRead(
      process: "r1", node: node, session: session, lines: lines(count), called: called, returned: called + 5)
  }

  static func lines(_ count: UInt64) -> [Line] { count == 0 ? [] : (1...count).map { line($0) } }

  /// A customer says four things; a supervisor follows; a reader reads twice.
  static func well() -> Evidence {
    var evidence = Evidence()
    evidence.openings = [opening(session, at: 0, state: "active")]
    evidence.attempts = (1...4).map { attempt($0) }
    evidence.reads = [read(2, at: 250), read(4, at: 450, node: "node3")]
    evidence.deliveries = (1...4).map {
      Delivery(process: "w1", session: session, line: line($0), arrived: Int($0) * 100 + 20)
    }
    evidence.stayed = [Evidence.Listener(process: "w1", session: session)]
    evidence.sights = [sight(session, at: 150), sight(session, at: 350, node: "node2")]
    for node in nodes {
      for isLocal in [true, false] {
        evidence.copies.append(HistoryCopy(node: node, isLocal: isLocal, session: session, lines: lines(4)))
      }
      evidence.finalSights.append(sight(session, at: 1_000, node: node))
      let agent = AgentSight.Agent(id: "a1", capacity: 1, chats: [session])
      evidence.finalAgents.append(AgentSight(node: node, at: 1_100, agents: [agent]))
    }
    evidence.agentSights = [evidence.finalAgents[0]]
    return evidence
  }

  /// The names of the checks that a story fails, each once.
  static func failures(_ change: (inout Evidence) -> Void) -> Set<String> {
    var evidence = well()
    change(&evidence)
    return Set(Proof.violations(in: evidence).flatMap { $0 }.map(\.check))
  }
}
