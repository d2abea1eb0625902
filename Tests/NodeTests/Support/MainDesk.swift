import Desk

/// The main desk as tests of one desk see it.
extension ReplicatedState {
  var main: DeskState {
    guard let desk = self[desk: .main] else { preconditionFailure("the main desk is always there") }
    return desk
  }
}
