/// What a majority of a configuration has reached. While a configuration is joint, a majority of the incoming
/// voters and a majority of the outgoing ones are both needed (dissertation, section 4.3).
enum Quorum {
  /// Whether the members for which `holds` is true are a quorum.
  static func isReached(in membership: Membership, by holds: (NodeID) -> Bool) -> Bool {
    isMajority(of: membership.voters, holds)
      && (membership.outgoing.isEmpty || isMajority(of: membership.outgoing, holds))
  }

  /// The highest value that a quorum has reached or passed. No order of the members is assumed.
  static func highest<Value: Comparable>(
    in membership: Membership, reached: (NodeID) -> Value
  ) -> Value? {
    let incoming = highest(of: membership.voters, reached)
    if membership.outgoing.isEmpty { return incoming }
    guard let incoming, let outgoing = highest(of: membership.outgoing, reached) else { return nil }
    return min(incoming, outgoing)
  }

  private static func isMajority(of voters: [NodeID], _ holds: (NodeID) -> Bool) -> Bool {
    var count = 0
    for voter in voters where holds(voter) { count += 1 }
    return count * 2 > voters.count
  }

  /// Tries the value of each voter and counts who has reached it: quadratic in a handful of members, and free
  /// of both sorting and allocation.
  private static func highest<Value: Comparable>(
    of voters: [NodeID], _ reached: (NodeID) -> Value
  ) -> Value? {
    var best: Value?
    for candidate in voters {
      let value = reached(candidate)
      if let best, value <= best { continue }
      var count = 0
      for voter in voters where reached(voter) >= value { count += 1 }
      if count * 2 > voters.count { best = value }
    }
    return best
  }
}
