/// Which node is to own a new session, and why. The choice goes into the command, so replay needs none.
package struct PlacementChoice: Hashable, Sendable {
  package enum Reason: String, Hashable, Sendable {
    /// The lower score of two that were drawn.
    case lowerScore
    /// The customer's node, and the other was not clearly better.
    case local
    /// The other was clearly better than the customer's node.
    case localIsFull
    /// There was no other.
    case onlyOne
  }

  package let owner: MemberID
  package let reason: Reason
  /// All that were compared, the first drawn (or the customer's node) first.
  package let candidates: [PlacementScore]
}

extension PlacementChoice: CustomStringConvertible {
  /// For a log line or an operator's question.
  package var description: String {
    let texts = candidates.map { score in
      "\(score.member): \(score.total) (owned \(score.ownedSessions), unsettled \(score.unsettled), "
        + "pressure \(score.pressurePerMille)\(score.hintAge.map { " of \($0) ms ago" } ?? " unknown"), "
        + "hints +\(score.hintCharge), slow start +\(score.slowStartCharge))"
    }
    return "\(owner) by \(reason.rawValue) of " + texts.joined(separator: "; ")
  }
}

/// The choice of an owner: of two drawn nodes, the one with the lower score (Mitzenmacher, "The power of two choices
/// in randomized load balancing", 2001). Two draws keep the nodes near one another, and no node is ever asked by
/// everybody at once, however old what is known of it is.
package enum Placement {
  /// - Parameters:
  ///   - nodes: all members, this node included. Which are eligible is found out here: those that are alive and
  ///     not draining; without any, those that are only suspected.
  ///   - local: the node that the customer is connected to.
  /// - Returns: nil when no node is eligible.
  package static func choose(
    among nodes: [PlacementCandidate], local: MemberID?, rules: PlacementRules,
    generator: inout SeededGenerator
  ) -> PlacementChoice? {
    var eligible = nodes.filter { $0.health == .alive && $0.hints?.isDraining != true }
    if eligible.isEmpty { eligible = nodes.filter { $0.health == .suspect && $0.hints?.isDraining != true } }
    guard !eligible.isEmpty else { return nil }
    eligible.sort { $0.member < $1.member }
    let mean = meanSessions(of: eligible, rules)
    func score(_ candidate: PlacementCandidate) -> PlacementScore {
      PlacementScore(candidate, mean: mean, rules: rules)
    }

    if eligible.count == 1 {
      return PlacementChoice(
        owner: eligible[0].member, reason: .onlyOne, candidates: [score(eligible[0])])
    }
    if let preference = rules.preference, let place = eligible.firstIndex(where: { $0.member == local }) {
      let own = score(eligible.remove(at: place))
      let other = score(eligible[generator.draw(below: eligible.count)])
      let bearable = other.total + other.total / 1_000 * preference.perMille + preference.sessions * 1_000
      let isFull = own.total > bearable
      return PlacementChoice(
        owner: isFull ? other.member : own.member, reason: isFull ? .localIsFull : .local,
        candidates: [own, other])
    }
    let first = score(eligible.remove(at: generator.draw(below: eligible.count)))
    let second = score(eligible[generator.draw(below: eligible.count)])
    return PlacementChoice(
      owner: second.total < first.total ? second.member : first.member, reason: .lowerScore,
      candidates: [first, second])
  }

  /// Of the nodes that have run long enough, or it would be low because of the very nodes that are held back by it.
  private static func meanSessions(of nodes: [PlacementCandidate], _ rules: PlacementRules) -> Int {
    let settled = nodes.filter { ($0.upFor ?? .max) >= rules.slowStart }
    let counted = settled.isEmpty ? nodes : settled
    return counted.reduce(0) { $0 + min(max(0, $1.ownedSessions), 1 << 40) } / counted.count
  }
}
