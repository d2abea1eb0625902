import Kernel

/// What it would be like to put desks into several Raft groups: how even the load of the nodes is, and how much has to be moved
/// to keep it so. Not what ships: one group holds all desks (docs/scale.md).
package struct DeskPlacement: Sendable {
  package enum Strategy: String, CaseIterable, Sendable {
    /// By the desk's name: nothing is ever moved.
    case hashed
    /// Where the fewest desks are: sizes are not known when a desk is created.
    case fewest
    /// As `fewest`, and once a day the desks that even out most are moved, a few at the most.
    case moved
  }

  package var desks = 1_000
  package var groups = 12
  package var nodes = 6
  /// Of the sizes of desks: see `DeskTraffic`.
  package var exponent = 1.0
  /// What a message costs a node that follows, where one that leads has 1.
  package var followerCost = 0.5
  package var days = 30
  package var movesPerDay = 10
  /// Voters of a group.
  package var voters = 3

  package init() {}

  package struct Outcome: Sendable {
    /// The busiest node's load, where 1 is the mean of all: on the mean of the days, and on the worst.
    package var meanPeak = 0.0
    package var worstPeak = 0.0
    /// Desks that were moved in a day, on the mean, and their part of all messages.
    package var moves = 0.0
    package var movedShare = 0.0
    /// The largest desk's part of all messages, on the mean: no placement divides a desk.
    package var largest = 0.0
  }

  package func run(_ strategy: Strategy, seed: UInt64) -> Outcome {
    var dice = Dice(seed: seed, stream: 1)
    var traffic = DeskTraffic(desks: desks, exponent: exponent, &dice)
    var places = place(strategy, &dice)
    var outcome = Outcome()
    for _ in 0..<days {
      if strategy == .moved {
        let moved = even(&places, traffic)
        outcome.moves += Double(moved.count) / Double(days)
        outcome.movedShare += moved.reduce(0) { $0 + traffic.shares[$1] } / Double(days)
      }
      let load = loads(places, traffic)
      let peak = (load.max() ?? 0) * Double(nodes) / load.reduce(0, +)
      outcome.meanPeak += peak / Double(days)
      outcome.worstPeak = max(outcome.worstPeak, peak)
      outcome.largest += traffic.largest / Double(days)
      traffic.pass(&dice)
    }
    return outcome
  }

  /// The group of each desk as it is created.
  private func place(_ strategy: Strategy, _ dice: inout Dice) -> [Int] {
    switch strategy {
    case .hashed: (0..<desks).map { _ in dice.below(groups) }
    case .fewest, .moved: (0..<desks).map { $0 % groups }
    }
  }

  /// The load of each group.
  private func weights(_ places: [Int], _ traffic: DeskTraffic) -> [Double] {
    var weights = Array(repeating: 0.0, count: groups)
    for (desk, group) in places.enumerated() { weights[group] += traffic.shares[desk] }
    return weights
  }

  /// Group g is led by node g, and followed by those behind it, around the circle.
  private func loads(_ places: [Int], _ traffic: DeskTraffic) -> [Double] {
    var loads = Array(repeating: 0.0, count: nodes)
    for (group, weight) in weights(places, traffic).enumerated() {
      for voter in 0..<min(voters, nodes) {
        loads[(group + voter) % nodes] += weight * (voter == 0 ? 1 : followerCost)
      }
    }
    return loads
  }

  /// From the group that has most to the one that has least, each time the largest desk that leaves the first one above the
  /// second.
  /// - Returns: what was moved.
  private func even(_ places: inout [Int], _ traffic: DeskTraffic) -> [Int] {
    var moved: [Int] = []
    var weights = weights(places, traffic)
    while moved.count < movesPerDay {
      guard let most = weights.indices.max(by: { weights[$0] < weights[$1] }),
        let least = weights.indices.min(by: { weights[$0] < weights[$1] })
      else { break }
      let gap = weights[most] - weights[least]
      // Below a tenth of the mean it is not worth the trouble.
      guard gap > 0.1 / Double(groups) else { break }
      let fitting = places.indices.filter { places[$0] == most && traffic.shares[$0] < gap / 2 }
      guard let desk = fitting.max(by: { traffic.shares[$0] < traffic.shares[$1] }) else { break }
      places[desk] = least
      weights[most] -= traffic.shares[desk]
      weights[least] += traffic.shares[desk]
      moved.append(desk)
    }
    return moved
  }
}
