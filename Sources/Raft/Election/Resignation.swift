extension RaftNode {
  /// This node stops leading, though nobody is there to take over at once: the others elect one when they have not heard
  /// from a leader for an election timeout. This node asks for votes again later than they do when its `priority` is low.
  /// What was proposed and is not committed is as uncertain as when a leader dies.
  package mutating func resign() {
    guard role == .leader else { return }
    mark(.resigned)
    becomeFollower(term: term, leader: nil)
  }
}
