import Desk

/// The main desk as tests of one desk see it.
extension ReplicatedState {
  var main: DeskState {
    guard let desk = self[desk: .main] else { preconditionFailure("the main desk is always there") }
    return desk
  }

  func agent(_ id: AgentID) -> Agent? { agent(id, in: .main) }
  func agents() -> [Agent] { agents(in: .main) }
}
