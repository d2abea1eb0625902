import ArgumentParser
import Desk
import Simulation

/// `simulate day`: a day of a support team, by strategy.
struct Day: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "day",
    abstract: "Have customers come and agents work for a day, by each strategy of routing.",
    discussion: """
      The state that nodes replicate decides; who comes, for what, for how long and who works when is drawn from a seed. Says \
      how long was waited, how even agents were used, and how right the estimates of waiting were. --from is the seed.
      """)

  @ParentCommand var simulate: Simulate

  @Option(help: "How many customers come.")
  var customers = 20_000
  @Option(help: "How many agents work, in shifts.")
  var agents = 110

  func validate() throws {
    guard (1...200_000).contains(customers), (1...10_000).contains(agents) else {
      throw ValidationError("give 1 to 200000 customers and 1 to 10000 agents")
    }
  }

  func run() {
    let plan = DayPlan(seed: simulate.from, customers: customers, agents: agents)
    print("seed \(simulate.from): \(plan.customers.count) customers, \(agents) agents; times in s")
    let heads = [
      "served", "gave up", "waited", "mean", "P95", "P99", "load P10", "P50", "P90", "error", "bias",
      "recent", "inside",
    ]
    print(Self.line("strategy", heads))
    for algorithm in Policy.Algorithm.allCases where algorithm != .manual {
      var day = DayOfWork(plan, policy: Policy(algorithm: algorithm))
      let figures = day.run()
      print(Self.line(algorithm.name, Self.waits(figures) + Self.estimates(figures)))
    }
    for rule in PlainDispatch.Rule.allCases {
      var day = PlainDispatch(plan, rule, seed: simulate.from)
      print(Self.line(rule.rawValue, Self.waits(day.run())))
    }
    print(
      """
      waited: who had to, and was served; mean: of those. P95, P99: of all who were served. load: of the agents' slots, while they \
      work. error: of what was said of the wait when it began; recent: had it been the mean of the line's last ten. inside: of the \
      ranges that were said, which are to hold in eight of ten. random, plain round robin: for comparison; whoever comes is given to \
      one of those at work who know the matter, however many they have, and waits for that one.
      """)
  }

  private static func waits(_ figures: DayFigures) -> [String] {
    let loads = figures.loads
    func load(_ share: Int) -> String {
      loads.isEmpty ? "-" : "\(Int(loads[min(loads.count - 1, loads.count * share / 100)].rounded())) %"
    }
    return [
      "\(figures.served)", "\(figures.gaveUp)", "\(figures.hadToWait)", seconds(figures.meanWait),
      seconds(figures.wait(percentile: 95)), seconds(figures.wait(percentile: 99)), load(10), load(50),
      load(90),
    ]
  }

  private static func estimates(_ figures: DayFigures) -> [String] {
    [
      seconds(figures.meanError), "\(figures.meanBias / 1_000)", seconds(figures.meanErrorOfRecent),
      "\(Int(figures.insideRange.rounded())) %",
    ]
  }

  private static func seconds(_ time: UInt64) -> String { "\((time + 500) / 1_000)" }

  private static func line(_ name: String, _ columns: [String]) -> String {
    name + String(repeating: " ", count: max(0, 20 - name.count))
      + columns.map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }.joined()
  }
}
