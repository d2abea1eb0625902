internal import Kernel

/// Where the state's indexes have an agent.
struct AgentStanding {
  var isAvailable: Bool
  var isOnline: Bool
  var capacity: UInt32
  var load: AgentLoad
  var lines: [String]
  var status: AgentStatus
  var presences: [Presence]
  var deadline: AgentDeadline?

  /// - Parameter level: that of the cluster.
  init(_ agent: borrowing Agent, at level: Level) {
    isAvailable = agent.isAvailable
    isOnline = agent.status == .online
    capacity = agent.capacity
    load = agent.load(at: level)
    lines = agent.lines
    status = agent.status
    presences = agent.presences
    let id = agent.id
    deadline = agent.deadline.map { AgentDeadline(time: $0, agent: id) }
  }

  func hasSameLines(as other: AgentStanding) -> Bool {
    lines.elementsEqual(other.lines) { $0.hasSameBytes(as: $1) }
  }

  func serves(_ line: String) -> Bool { lines.contains { $0.hasSameBytes(as: line) } }

  func isPresent(on server: ServerID) -> Bool {
    presences.contains { $0.server == server }
  }
}
