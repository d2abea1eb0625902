/// What is in the way between one node and others.
struct Obstruction: Sendable, Equatable {
  /// As the node sees it that the fault is about. The raw values are those of the endpoint.
  enum Direction: String, Sendable, Encodable {
    case both
    /// It hears nothing, but is heard.
    case incoming = "in"
    /// It is not heard, but hears.
    case outgoing = "out"
  }

  enum Harm: Sendable, Equatable {
    case cut(Direction)
    /// So many of a hundred packets are lost, in both directions.
    case loss(percent: Int)
  }

  var node: String
  /// The nodes it does not reach well any more.
  var others: [String]
  var harm: Harm
}

extension Obstruction {
  /// - Returns: nil when the kind has nothing to do with the network.
  init?(_ choice: FaultPlan.Choice, leader: String, followers: [String]) {
    let follower = followers[choice.pick % followers.count]
    let all = [leader] + followers
    func away(_ node: String, _ harm: Harm) -> Obstruction {
      Obstruction(node: node, others: all.filter { $0 != node }, harm: harm)
    }
    switch choice.kind {
    case .isolateLeader: self = away(leader, .cut(.both))
    case .isolateFollower: self = away(follower, .cut(.both))
    case .cutPair: self = Obstruction(node: leader, others: [follower], harm: .cut(.both))
    case .deafLeader: self = away(leader, .cut(.incoming))
    case .deafFollower: self = away(follower, .cut(.incoming))
    case .muteLeader: self = away(leader, .cut(.outgoing))
    case .muteFollower: self = away(follower, .cut(.outgoing))
    case .lossyNetwork: self = away(all[choice.pick % all.count], .loss(percent: 20 + choice.pick % 11))
    default: return nil
    }
  }
}

/// Puts something between nodes, and takes it away again.
protocol NodeNetwork: Sendable {
  /// - Throws: `Striker.Failure` when it cannot be done here at all.
  func obstruct(_ obstruction: Obstruction) async throws

  /// Takes away all that was put anywhere.
  func mend() async throws
}
