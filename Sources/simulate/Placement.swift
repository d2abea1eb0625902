import ArgumentParser
import Simulation

/// `simulate placement`: desks over groups and nodes, on paper.
struct Placement: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "placement",
    abstract: "Put desks into several Raft groups on paper, and see how even the nodes are.",
    discussion: "docs/scale.md says what it is for. --from is the seed.")

  @ParentCommand var simulate: Simulate

  @Option(help: "How many desks.")
  var desks = 1_000
  @Option(help: "How many groups.")
  var groups = 12
  @Option(help: "How many nodes.")
  var nodes = 6
  @Option(help: "How uneven desks are: 0: all alike, 1: the second has half of the first one's messages.")
  var exponent = 1.0
  @Option(help: "What a message costs a node that follows, where one that leads has 1.")
  var follower = 0.5

  func validate() throws {
    guard (1...100_000).contains(desks), (1...10_000).contains(groups), (1...1_000).contains(nodes) else {
      throw ValidationError("give 1 to 100000 desks, 1 to 10000 groups and 1 to 1000 nodes")
    }
    guard (0...4).contains(exponent), (0...1).contains(follower) else {
      throw ValidationError("--exponent is from 0 to 4, and --follower from 0 to 1")
    }
  }

  func run() {
    var placement = DeskPlacement()
    (placement.desks, placement.groups, placement.nodes) = (desks, groups, nodes)
    (placement.exponent, placement.followerCost) = (exponent, follower)
    print(
      "\(desks) desks in \(groups) groups on \(nodes) nodes, 30 days, means of 20 seeds from \(simulate.from)")
    print("strategy  busiest node/mean  worst day  moves/day  moved %  largest desk %")
    for strategy in DeskPlacement.Strategy.allCases {
      let runs = (0..<20).map { placement.run(strategy, seed: simulate.from + UInt64($0)) }
      func mean(_ figure: (DeskPlacement.Outcome) -> Double) -> String {
        let hundredths = Int((runs.reduce(0) { $0 + figure($1) } / Double(runs.count) * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
      }
      let columns = [
        (strategy.rawValue, 8), (mean(\.meanPeak), 19), (mean(\.worstPeak), 11), (mean(\.moves), 11),
        (mean { $0.movedShare * 100 }, 9), (mean { $0.largest * 100 }, 16),
      ]
      print(
        columns.enumerated().map { place, column in
          let gap = String(repeating: " ", count: max(0, column.1 - column.0.count))
          return place == 0 ? column.0 + gap : gap + column.0
        }.joined())
    }
  }
}
