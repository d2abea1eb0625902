package import Desk

/// A day of a support team, drawn from a seed: when customers come and for what, how long they stay in a line, how long their chats take, and
/// who works when. Times are in ms since midnight.
package struct DayPlan: Sendable {
  package struct Customer: Sendable {
    package var time: UInt64
    package var skill: String
    /// How long it waits before it gives up.
    package var patience: UInt64
    /// How long an agent of usual pace takes for it.
    package var handling: UInt64
  }

  package struct Agent: Sendable {
    package var id: AgentID
    package var skills: [SkillWeight]
    package var capacity: UInt32
    /// Its chats take so much of the usual time, in thousandths.
    package var pace: UInt64
    /// When it takes chats.
    package var hours: [Range<UInt64>]
  }

  package var customers: [Customer] = []
  package var agents: [Agent] = []

  static let minute: UInt64 = 60_000
  static let hour = 60 * minute

  /// Of the customers of a day so many of 1,000 come in each hour: a morning, an afternoon, and a quiet night.
  private static let arrivals: [Double] = [
    8, 5, 4, 3, 4, 6, 14, 32, 58, 76, 82, 74, 55, 60, 78, 84, 78, 66, 54, 46, 40, 34, 24, 15,
  ]
  /// Of 1,000 agents so many begin in each hour, for eight hours with half an hour's break.
  private static let beginnings: [Int] = [
    0, 0, 0, 0, 0, 40, 70, 150, 190, 120, 20, 20, 110, 120, 70, 40, 0, 0, 0, 0, 0, 50, 0, 0,
  ]
  private static let skills: [(name: String, share: Double)] = [
    ("", 0.3), ("orders", 0.25), ("billing", 0.2), ("technical", 0.2), ("returns", 0.05),
  ]

  /// - Parameters:
  ///   - customers: so many in the day.
  ///   - agents: so many in all.
  package init(seed: UInt64, customers: Int, agents: Int) {
    var dice = Dice(seed: seed)
    let sum = Self.arrivals.reduce(0, +)
    var time = 0.0
    let end = Double(24 * Self.hour)
    while time < end {
      let share = Self.arrivals[min(23, Int(time / Double(Self.hour)))] / sum
      time += Quantiles.exponential.draw(&dice) * Double(Self.hour) / (share * Double(customers))
      guard time < end else { break }
      self.customers.append(
        Customer(
          time: UInt64(time), skill: Self.skill(&dice),
          patience: UInt64(Quantiles.exponential.draw(&dice) * Double(15 * Self.minute)),
          handling: UInt64(Quantiles.handling.draw(&dice) * Double(8 * Self.minute))))
    }
    for number in 0..<agents { self.agents.append(Self.agent(number, of: agents, &dice)) }
  }

  private static func skill(_ dice: inout Dice) -> String {
    var place = Double(dice.below(1_000_000)) / 1_000_000
    for (name, share) in skills {
      if place < share { return name }
      place -= share
    }
    return ""
  }

  private static func agent(_ number: Int, of count: Int, _ dice: inout Dice) -> Agent {
    // Spread over the beginnings in proportion, whatever their number is.
    var place = (2 * number + 1) * 500 / count
    var begin = 0
    while begin < 23, place >= beginnings[begin] {
      place -= beginnings[begin]
      begin += 1
    }
    let start = UInt64(begin) * hour + UInt64(dice.below(Int(30 * minute)))
    let pause = start + 3 * hour + UInt64(dice.below(Int(90 * minute)))
    let hours = [start..<pause, pause + 30 * minute..<start + 8 * hour]
    let night = hours.flatMap { span -> [Range<UInt64>] in
      let day = 24 * hour
      if span.upperBound <= day { return [span] }
      if span.lowerBound >= day { return [span.lowerBound - day..<span.upperBound - day] }
      return [span.lowerBound..<day, 0..<span.upperBound - day]
    }
    let names = skills.dropFirst().map(\.name)
    let known = names.enumerated().filter { place, _ in (number + place) % 4 < 2 }
    return Agent(
      id: AgentID("agent\(number)"),
      skills: known.map {
        SkillWeight(skill: $0.element, weight: UInt32(dice.draw(300...1_000)))
      },
      capacity: [2, 3, 3, 4][number % 4], pace: UInt64(dice.draw(700...1_300)),
      hours: night.sorted { $0.lowerBound < $1.lowerBound })
  }
}

/// A distribution by its quantiles, linear between them.
struct Quantiles: Sendable {
  private let points: [(share: Double, value: Double)]

  /// With mean 1.
  static let exponential = Quantiles(points: [
    (0, 0), (0.1, 0.105), (0.2, 0.223), (0.3, 0.357), (0.4, 0.511), (0.5, 0.693), (0.6, 0.916), (0.7, 1.204),
    (0.8, 1.609), (0.9, 2.303), (0.95, 2.996), (0.99, 4.605), (0.999, 6.908), (1, 9.2),
  ])
  /// Log-normal with mean 1 and coefficient of variation 1.
  static let handling = Quantiles(points: [
    (0, 0.03), (0.05, 0.18), (0.1, 0.243), (0.2, 0.351), (0.3, 0.457), (0.4, 0.573), (0.5, 0.707), (0.6, 0.873),
    (0.7, 1.094), (0.8, 1.425), (0.9, 2.056), (0.95, 2.781), (0.99, 4.906), (0.999, 9.27), (1, 14),
  ])

  private init(points: [(Double, Double)]) { self.points = points.map { (share: $0.0, value: $0.1) } }

  func draw(_ dice: inout Dice) -> Double {
    let share = Double(dice.below(1_000_000)) / 1_000_000
    guard let place = points.firstIndex(where: { $0.share > share }), place > 0 else { return points[0].value }
    let (left, right) = (points[place - 1], points[place])
    return left.value + (right.value - left.value) * (share - left.share) / (right.share - left.share)
  }
}
