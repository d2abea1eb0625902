internal import Desk

extension DeskUpdate {
  /// - Returns: nil: the event is none of a desk.
  init?(_ event: EventStream.Event) {
    guard let id = event.id, let head = Head.fields.reading(event.data) else { return nil }
    (self.id, time, session) = (id, head.time, head.session)
    (kind, json) = (event.name, event.data)
    change = DeskChange(event) ?? .other
  }

  /// What every event of a desk says.
  private struct Head: Sendable {
    var time: String
    var session: String?
    static let fields = Fields(
      Self.init(time:session:), Field(1, "time", { $0.time }, .text(40), ""),
      Field(2, "session", { $0.session }, .optional(.text(20)), ""))
  }
}

extension DeskChange {
  /// - Returns: nil: it is not known, or its fields are not those that are declared.
  fileprivate init?(_ event: EventStream.Event) {
    func read<News: DeskNews>(_: News.Type) -> (any DeskNews)? { News.fields.reading(event.data) }
    guard let news = Events.ofDesks.first(where: { "\($0.name)" == event.name }).flatMap({ read($0) }) else {
      return nil
    }
    self.init(news)
  }

  private init?(_ news: any DeskNews) {
    switch news {
    case let it as DeskSummary: self = .state(DeskFigures(it))
    case let it as Opened:
      self = .opened(
        customer: it.customer, name: it.shown, channel: it.channel, skill: it.skill, priority: Int(it.priority))
    case let it as Queued:
      self = .queued(
        position: Int(it.position), etaMilliseconds: Int(it.eta), range: Queued.range(it.low, it.high))
    case let it as Unclaimed: self = .unclaimed(offers: Int(it.offers))
    case let it as Assigned: self = .assigned(agent: it.agent, name: it.shown)
    case let it as Transferred:
      guard let target = it.to.map(TransferTarget.agent) ?? it.skill.map(TransferTarget.skill) else {
        return nil
      }
      self = .transferred(from: it.from, to: target)
    case let it as Released: self = .released(agent: it.agent)
    case let it as Left: self = .left(customer: it.customer)
    case let it as Returned: self = .returned(customer: it.customer)
    case let it as Closed: self = .closed(by: it.by, reason: it.reason)
    case let it as AgentChanged: self = .agent(AgentFigures(it))
    default: return nil
    }
  }
}

extension DeskFigures {
  fileprivate init(_ summary: DeskSummary) {
    self.init(
      desk: summary.desk.text, isOpen: summary.open, active: Int(clamping: summary.active),
      queued: Int(clamping: summary.queued), online: Int(clamping: summary.online),
      busy: Int(clamping: summary.busy), away: Int(clamping: summary.away))
  }
}

extension AgentFigures {
  fileprivate init(_ agent: AgentChanged) {
    self.init(
      agent: agent.agent, name: agent.shown, availability: AgentAvailability(agent.status),
      connections: Int(clamping: agent.connections), skills: agent.skills.map(\.skill),
      capacity: Int(agent.capacity), chats: Int(clamping: agent.chats))
  }
}

extension AgentAvailability {
  fileprivate init(_ status: AgentStatus) {
    switch status {
    case .online: self = .online
    case .busy: self = .busy
    case .away: self = .away
    case .offline: self = .offline
    }
  }
}

extension Fields {
  /// - Returns: nil: the text is no JSON object with these fields.
  func reading(_ text: String) -> Root? {
    var text = text
    return text.withUTF8 { try? read(UnsafeRawBufferPointer($0)) }
  }
}
