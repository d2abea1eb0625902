/// A part of all agents, sorted by id.
package struct AgentPage: Sendable {
  /// Agents of one page, and when nobody says how many.
  package static let most = 1_000
  /// Sessions of the agents of one page, about: those of one agent are not divided.
  package static let mostChats = 10_000

  package var agents: [AgentDetail]
  /// There are others behind them.
  package var more: Bool
  package init(agents: [AgentDetail], more: Bool) {
    self.agents = agents
    self.more = more
  }
}
