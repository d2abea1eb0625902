package import Desk
internal import Kernel

/// A day of a support team on the very state that nodes replicate: what customers and agents do is applied to it as commands, and what it
/// says is written down.
package struct DayOfWork {
  private enum Happening {
    case customer(Int)
    case begins(Int)
    case pauses(Int)
    case ends(SessionID)
    case givesUp(SessionID)
  }

  private struct Wait: Sendable {
    var since: UInt64
    var customer: Int
    var estimate: WaitEstimate?
    /// By the mean of the last waits of its line; nil: there were none.
    var recent: UInt64?
  }

  private let plan: DayPlan
  private let paces: [AgentID: UInt64]
  private var state = ReplicatedState()
  private var agenda = Agenda<Happening>()
  private var index: UInt64 = 0
  private var waiting: [SessionID: Wait] = [:]
  private var coming: [SessionID: Int] = [:]
  /// The last waits of each line, in ms.
  private var recent: [String: [UInt64]] = [:]
  package private(set) var figures = DayFigures()

  /// - Parameter policy: how sessions find agents; nil: as when no policy was set.
  package init(_ plan: DayPlan, policy: Policy?) {
    self.plan = plan
    paces = plan.agents.reduce(into: [:]) { $0[$1.id] = $1.pace }
    var effects: [Effect] = []
    apply(.raiseLevel(RaiseLevel(.newest)), at: 0, &effects)
    if let policy {
      let set = DeskRecord(SetPolicy(channel: "*", intent: "*", policy: policy), id: "policy")
      apply(
        .arrange(DeskEnvelope(set, by: Person(id: "kim", role: .admin, name: ""), in: .main, presence: nil)),
        at: 0, &effects)
    }
    for (number, customer) in plan.customers.enumerated() { note(.customer(number), at: customer.time) }
    for (number, agent) in plan.agents.enumerated() {
      for span in agent.hours {
        note(.begins(number), at: span.lowerBound)
        note(.pauses(number), at: span.upperBound)
      }
    }
  }

  /// To the end: until nobody waits or is served.
  package mutating func run() -> DayFigures {
    while let (moment, happening) = agenda.next() {
      let time = UInt64(moment)
      var effects: [Effect] = []
      happen(happening, at: time, &effects)
      take(effects, at: time)
      while state.hasUnserved {
        effects = []
        apply(.timePasses(TimePasses(limit: 100)), at: time, &effects)
        take(effects, at: time)
      }
    }
    figures.work(plan.agents)
    return figures
  }

  private mutating func note(_ happening: Happening, at time: UInt64) {
    agenda.enter(happening, at: Int(time))
  }

  private mutating func apply(_ command: Command, at time: UInt64, _ effects: inout [Effect]) {
    index += 1
    let submission = Submission(origin: Origin(server: ServerID(1), request: index), command: command)
    state.apply([submission], index: index, now: Self.midnight + time, into: &effects)
  }

  private static let midnight: UInt64 = 1_790_000_000_000

  private mutating func happen(_ happening: Happening, at time: UInt64, _ effects: inout [Effect]) {
    switch happening {
    case .customer(let number):
      let customer = plan.customers[number]
      let open = OpenSession(
        customer: Person(id: "customer\(number)", role: .customer, name: ""), requestID: "open", channel: "web",
        skill: customer.skill, intent: "", priority: 0, attributes: [], owner: ServerID(1))
      apply(.open(open), at: time, &effects)
      for case .answer(_, .opened(let session, _)) in effects { coming[session] = number }
    case .begins(let number): set(.online, number, at: time, &effects)
    case .pauses(let number): set(.away, number, at: time, &effects)
    case .ends(let session):
      close(session, by: Person(id: "kim", role: .supervisor, name: ""), at: time, &effects)
    case .givesUp(let session):
      guard let wait = waiting.removeValue(forKey: session) else { return }
      figures.gaveUp(after: time - wait.since)
      close(
        session, by: Person(id: "customer\(wait.customer)", role: .customer, name: ""), at: time, &effects)
    }
  }

  private mutating func close(
    _ session: SessionID, by person: Person, at time: UInt64, _ effects: inout [Effect]
  ) {
    apply(.close(CloseSession(session: session, epoch: Epoch(1), by: person, reason: "")), at: time, &effects)
  }

  private mutating func set(
    _ status: AgentStatus, _ number: Int, at time: UInt64, _ effects: inout [Effect]
  ) {
    let agent = plan.agents[number]
    apply(
      .setStatus(
        SetAgentStatus(
          agent: agent.id, name: "", status: status, skills: agent.skills, capacity: agent.capacity,
          presence: Presence(server: ServerID(1), connection: UInt64(number) + 1), grace: nil)),
      at: time, &effects)
  }

  private mutating func take(_ effects: [Effect], at time: UInt64) {
    for case .session(let session, let change) in effects {
      switch change {
      case .queued: queued(session, at: time)
      case .assigned(let agent): assigned(session, to: agent, at: time)
      case .opened, .released, .transferred, .closed, .left, .returned, .unclaimed: break
      }
    }
  }

  private mutating func queued(_ session: SessionID, at time: UInt64) {
    guard let number = coming[session], waiting[session] == nil else { return }
    let customer = plan.customers[number]
    let last = recent[customer.skill] ?? []
    waiting[session] = Wait(
      since: time, customer: number, estimate: state.position(of: session)?.eta,
      recent: last.isEmpty ? nil : last.reduce(0, +) / UInt64(last.count))
    note(.givesUp(session), at: time + customer.patience)
  }

  private mutating func assigned(_ session: SessionID, to agent: AgentID, at time: UInt64) {
    guard let number = coming[session] else { return }
    let customer = plan.customers[number]
    if let wait = waiting.removeValue(forKey: session) {
      let waited = time - wait.since
      figures.waited(waited, estimate: wait.estimate, recent: wait.recent)
      var last = recent[customer.skill] ?? []
      if last.count == 10 { last.removeFirst() }
      recent[customer.skill] = last + [waited]
    } else {
      figures.servedAtOnce()
    }
    let pace = paces[agent] ?? 1_000
    let handling = max(1_000, customer.handling * pace / 1_000)
    figures.gave(agent, for: handling)
    note(.ends(session), at: time + handling)
  }
}
