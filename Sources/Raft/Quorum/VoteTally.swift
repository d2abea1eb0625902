/// The answers to one round of votes or pre-votes. The first answer of a member stands.
struct VoteTally: Sendable {
  enum Outcome { case pending, won, lost }

  private var answers: [(id: NodeID, granted: Bool)] = []

  mutating func clear() { answers.removeAll(keepingCapacity: true) }

  mutating func record(_ id: NodeID, granted: Bool) {
    if answers.contains(where: { $0.id == id }) { return }
    answers.append((id, granted))
  }

  func outcome(in membership: Membership) -> Outcome {
    if Quorum.isReached(in: membership, by: { answer(of: $0) == true }) { return .won }
    // Lost once even the silent ones could not make a quorum.
    if !Quorum.isReached(in: membership, by: { answer(of: $0) != false }) { return .lost }
    return .pending
  }

  private func answer(of id: NodeID) -> Bool? { answers.first { $0.id == id }?.granted }
}
