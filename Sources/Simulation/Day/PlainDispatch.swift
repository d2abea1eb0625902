import Desk

/// The same day with a dispatcher who looks at nothing: each customer is given on arrival to one of those who are at work and know the
/// matter, drawn by lot or each in turn, and waits for that one. What strategies of routing are compared with.
package struct PlainDispatch {
  package enum Rule: String, Sendable, CaseIterable {
    case random
    case roundRobin = "plain round robin"
  }

  private enum Happening {
    case customer(Int)
    case begins(Int)
    case pauses(Int)
    case ends(agent: Int)
    case givesUp(Int)
  }

  private struct Agent {
    var isAtWork = false
    var chats = 0
    /// Customers who wait for this one, in the order in which they came.
    var line: [Int] = []
  }

  private let plan: DayPlan
  private let rule: Rule
  private var dice: Dice
  private var agents: [Agent]
  /// Customers for whom nobody is at work.
  private var unplaced: [Int] = []
  /// Customers who wait.
  private var waiting: Set<Int> = []
  /// Who was last in turn, by skill.
  private var last: [String: Int] = [:]
  private var agenda = Agenda<Happening>()
  private var figures = DayFigures()

  package init(_ plan: DayPlan, _ rule: Rule, seed: UInt64) {
    (self.plan, self.rule) = (plan, rule)
    dice = Dice(seed: seed, stream: 1)
    agents = Array(repeating: Agent(), count: plan.agents.count)
    for (number, customer) in plan.customers.enumerated() {
      agenda.enter(.customer(number), at: Int(customer.time))
    }
    for (number, agent) in plan.agents.enumerated() {
      for span in agent.hours {
        agenda.enter(.begins(number), at: Int(span.lowerBound))
        agenda.enter(.pauses(number), at: Int(span.upperBound))
      }
    }
  }

  /// To the end: until nobody waits or is served.
  package mutating func run() -> DayFigures {
    while let (moment, happening) = agenda.next() { happen(happening, at: UInt64(moment)) }
    figures.work(plan.agents)
    return figures
  }

  private mutating func happen(_ happening: Happening, at time: UInt64) {
    switch happening {
    case .customer(let customer):
      waiting.insert(customer)
      place(customer, at: time)
      if waiting.contains(customer) {
        agenda.enter(.givesUp(customer), at: Int(time + plan.customers[customer].patience))
      }
    case .begins(let agent):
      agents[agent].isAtWork = true
      placeAll(unplaced, at: time)
    case .pauses(let agent):
      agents[agent].isAtWork = false
      let line = agents[agent].line
      agents[agent].line = []
      placeAll(line, at: time)
    case .ends(let agent):
      agents[agent].chats -= 1
      serve(agent, at: time)
    case .givesUp(let customer):
      guard waiting.remove(customer) != nil else { return }
      figures.gaveUp(after: time - plan.customers[customer].time)
    }
  }

  private mutating func placeAll(_ customers: [Int], at time: UInt64) {
    unplaced.removeAll(where: customers.contains)
    for customer in customers where waiting.contains(customer) { place(customer, at: time) }
  }

  private mutating func place(_ customer: Int, at time: UInt64) {
    guard let agent = choose(plan.customers[customer].skill) else { return unplaced.append(customer) }
    agents[agent].line.append(customer)
    serve(agent, at: time)
  }

  private mutating func choose(_ skill: String) -> Int? {
    let able = agents.indices.filter { number in
      agents[number].isAtWork
        && (skill.isEmpty || plan.agents[number].skills.contains { $0.skill == skill })
    }
    switch rule {
    case .random: return dice.pick(able)
    case .roundRobin:
      let chosen = able.first { $0 > last[skill] ?? -1 } ?? able.first
      last[skill] = chosen
      return chosen
    }
  }

  private mutating func serve(_ agent: Int, at time: UInt64) {
    while agents[agent].isAtWork, agents[agent].chats < Int(plan.agents[agent].capacity),
      !agents[agent].line.isEmpty
    {
      let customer = agents[agent].line.removeFirst()
      guard waiting.remove(customer) != nil else { continue }
      agents[agent].chats += 1
      let waited = time - plan.customers[customer].time
      if waited > 0 { figures.waited(waited, estimate: nil, recent: nil) } else { figures.servedAtOnce() }
      let handling = max(1_000, plan.customers[customer].handling * plan.agents[agent].pace / 1_000)
      figures.gave(plan.agents[agent].id, for: handling)
      agenda.enter(.ends(agent: agent), at: Int(time + handling))
    }
  }
}
