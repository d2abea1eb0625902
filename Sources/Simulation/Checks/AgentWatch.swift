import Desk
import Kernel

/// Who serves whom, worked out a second time from the log and from what the desk says it did: nobody has more chats than
/// fit, no chat two agents, an agent who was away keeps its chats until the grace is over and not longer, and what waits
/// is served in its order.
struct AgentWatch {
  struct Agent: Equatable {
    var status = AgentStatus.offline
    var skills: Set<String> = [""]
    var capacity: UInt32 = 1
    var presences: Set<Presence> = []
    /// When its chats go to others.
    var deadline: UInt64?
    var chats: Set<SessionID> = []
    /// Where it is invited.
    var invitations: Set<SessionID> = []
    /// What it is asked for.
    var offers: Set<SessionID> = []
    /// With what it still has to do, and until when.
    var wrapUps: [SessionID: UInt64] = [:]
    /// What it has let pass in a row without a word.
    var missed: UInt32 = 0
    var hasNothingToLose: Bool { chats.isEmpty && invitations.isEmpty }
    var hasRoom: Bool { status == .online && chats.count + offers.count + wrapUps.count < Int(capacity) }

    /// The same in every process, as all that a run tells.
    var text: String {
      "\(status.name) with \(skills.sorted()), room for \(capacity), on "
        + "\(presences.sorted().map { "\($0.server)/\($0.connection)" }), until \(deadline.map { "\($0)" } ?? "-"), "
        + "serving \(chats.map(\.text).sorted()), invited to \(invitations.map(\.text).sorted()), "
        + "asked for \(offers.map(\.text).sorted()), \(missed) missed, "
        + "behind \(wrapUps.keys.map(\.text).sorted())"
    }
  }

  /// Two desks may have agents of the same name.
  struct Key: Hashable, Comparable {
    var desk: DeskNumber
    var id: AgentID
    init(_ desk: DeskNumber, _ id: AgentID) { (self.desk, self.id) = (desk, id) }
    static func < (left: Key, right: Key) -> Bool {
      left.desk != right.desk ? left.desk < right.desk : left.id < right.id
    }
  }

  /// What an agent has asked for by an id.
  private struct Asked: Hashable {
    var key: Key
    var request: String
  }

  struct Chat {
    var skill: String
    var priority: Int32
    /// What orders lines from level 9 on.
    var arrival: Int64
    var agent: Key?
    var waits = false
    /// When it was put into its line.
    var queuedAt: UInt64
    /// Since when its customer is gone, by the word of the log.
    var gone: (since: UInt64, terms: SetAttendance.Absence)?
    var isPassedOver: Bool { agent == nil && gone.map { $0.terms.queueGrace > 0 } ?? false }
    /// When it is closed, because its customer has not come back.
    var end: UInt64? {
      guard let gone else { return nil }
      let (begin, grace) =
        isPassedOver ? (max(gone.since, queuedAt), gone.terms.queueGrace) : (gone.since, gone.terms.openGrace)
      return grace > 0 ? begin + grace : nil
    }
    /// To whom it is being handed: past all lines, and whatever that agent's skills are.
    var promised: Key?
    /// In the order in which they were.
    var invited: [Key] = []
    /// Who is asked for it.
    var offer: OfferOfChat?
    var offers: UInt32 = 0
    var channel = ""
    var intent = ""
  }

  var agents: [Key: Agent] = [:]
  private var done: Set<Asked> = []
  var chats: [SessionID: Chat] = [:]
  /// Its customer asks about it over HTTP all the time, and no fault keeps nodes from telling each other so.
  var asking: SessionID?
  private var lives: [ServerID: UInt64] = [:]
  var now: UInt64 = 0
  var level = Level.first
  var policies = PolicyWatch()
  var timers = TimerWatch()
  /// Sessions that the present entry has given out of their lines.
  var pulled = 0
  /// How often an agent with chats was away and came back in time, and how many chats went to others instead.
  private(set) var returns = 0
  private(set) var released = 0
  /// How often somebody was invited.
  var invitations = 0
  /// How often somebody was asked, has said yes, and has not.
  var offered = 0
  var accepted = 0
  var passed = 0
  /// Sessions that the present entry has given to those who were asked for them.
  var acceptedNow: Set<SessionID> = []

  /// The sessions of each agent.
  var served: [Key: Set<SessionID>] { agents.mapValues(\.chats) }

  /// - Returns: what is wrong with what the entry has brought about; nil: nothing.
  mutating func apply(
    _ submissions: [Submission], index: UInt64, time: UInt64, effects: [Effect], desk: ReplicatedState
  ) -> String? {
    now = max(now, time)
    (pulled, acceptedNow) = (0, [])
    let raises = submissions.contains { if case .raiseLevel = $0.command { true } else { false } }
    if !raises { level = desk.level }
    var rest = effects[...]
    for (place, submission) in submissions.enumerated() {
      let own = take(&rest, of: submission)
      change(submission, answer: own.answer, lost: own.lost)
      let opened = SessionID(index: index, place: place, desk: submission.command.desk)
      let fired = timers.fired
      if let problem = hear(own.effects, of: submission) { return problem }
      if let problem = follow(own.effects, of: submission, opened, fired) { return problem }
      if case .raiseLevel = submission.command { level = desk.level }
      for id in agents.keys where agents[id]?.status != .offline || agents[id]?.hasNothingToLose == true {
        agents[id]?.deadline = nil
      }
    }
    return tooMany(submissions, desk) ?? compare(desk) ?? waitsForNothing(desk)
      ?? (raises ? nil : unexplained(effects, desk))
  }

  /// One entry gives a bounded number of those who wait to agents, however much room these have.
  private func tooMany(_ submissions: [Submission], _ desk: ReplicatedState) -> String? {
    let raises = submissions.contains { if case .raiseLevel = $0.command { true } else { false } }
    // Time gives one to an agent in each desk, whatever room there is.
    let others = desk.desks.count - 1
    guard desk.level > .first, !raises, pulled > submissions.count + others + desk.mostPulled else {
      return nil
    }
    return "\(pulled) who waited are served by \(submissions.count) commands"
  }

  /// What the submission has brought about: up to its answer, or, where nobody waits for one, to the word on what the
  /// leader has said.
  private func take(
    _ rest: inout ArraySlice<Effect>, of submission: Submission
  ) -> (effects: [Effect], answer: Answer?, lost: Int) {
    var own: [Effect] = []
    var lost = 0
    while let next = rest.first {
      if submission.origin.request == 0 {
        switch (submission.command, next) {
        case (.timePasses, .timePassed), (.raiseLevel, .levelRaised):
          rest.removeFirst()
          return (own, nil, 0)
        case (.attend(let attendance), .session(let id, .left)) where attendance.session == id:
          rest.removeFirst()
          // Nobody is asked for it any more.
          guard case .news(id, let news) = rest.first, news.number == OfferEnded.number else {
            return ([next], nil, 0)
          }
          return ([next, rest.removeFirst()], nil, 0)
        case (.serverLost(let command), .serverLost(let server, _, let agents, _))
        where command.server == server:
          rest.removeFirst()
          return (own, nil, agents)
        case (.serverLost, .agent), (.timePasses, _): break
        default: return (own, nil, 0)
        }
      }
      rest.removeFirst()
      if case .answer(submission.origin, let answer) = next { return (own, answer, lost) }
      if case .serverLost(_, _, let agents, _) = next { lost = agents }
      own.append(next)
    }
    return (own, nil, lost)
  }

  /// Whether anybody serves in another desk than the main one.
  private var hasDesks: Bool {
    agents.keys.contains { $0.desk != .main } || chats.keys.contains { $0.desk != .main }
  }

  // MARK: What commands say of agents

  private mutating func change(_ submission: Submission, answer: Answer?, lost: Int) {
    if answer == .refused(.earlierLife) { return }
    switch submission.command {
    case .setStatus(let status): change(status)
    case .arrange(let envelope):
      policies.apply(envelope, answer)
      timers.apply(envelope, answer)
      guard let status = envelope.agentStatus, answer == .done else { break }
      let asked = Asked(key: Key(status.desk, status.agent), request: envelope.record.requestID)
      let isNew = done.insert(asked).inserted || asked.request.isEmpty
      if isNew { change(status) } else { changeAgain(status) }
    case .endPresences(let end): self.end(end, submission.origin)
    case .serverLost(let command): leave(command.server, agents: lost, grace: command.bounds?.grace)
    case .open, .send, .perform, .timePasses, .dropMonths, .raiseLevel, .attend, .govern, .noteRead,
      .annotate:
      break
    }
  }

  /// What was said since counts, but for whoever is offline.
  private mutating func changeAgain(_ status: SetAgentStatus) {
    guard status.status != .offline, let agent = agents[Key(status.desk, status.agent)] else { return }
    var again = status
    if agent.status != .offline { again.status = agent.status }
    (again.skills, again.capacity) = (nil, nil)
    change(again)
  }

  private mutating func change(_ status: SetAgentStatus) {
    let key = Key(status.desk, status.agent)
    var agent = agents[key] ?? Agent()
    if agent.deadline != nil, status.status != .offline { returns += 1 }
    agent.status = status.status
    if let skills = status.skills { agent.skills = Set(skills.filter { $0.weight > 0 }.map(\.skill) + [""]) }
    if let capacity = status.capacity { agent.capacity = capacity }
    if status.status == .offline {
      agent.presences.remove(status.presence)
    } else {
      agent.presences.insert(status.presence)
    }
    agents[key] = agent
    beginGrace(key, status.grace)
  }

  private mutating func end(_ end: EndPresences, _ origin: Origin) {
    if let items = end.items {
      for item in items {
        let presence = Presence(server: end.server, connection: item.connection)
        let key = Key(end.desk, item.agent)
        guard agents[key]?.presences.remove(presence) != nil else { continue }
        becomesAbsent(key, end.bounds?.grace)
      }
      return
    }
    if end.bounds != nil, origin.server == end.server, origin.request != 0 {
      guard lives[end.server] != origin.request else { return }
      lives[end.server] = origin.request
    }
    leave(end.server, agents: end.bounds.map { Int(max(1, $0.limit)) } ?? .max, grace: end.bounds?.grace)
  }

  private mutating func leave(_ server: ServerID, agents count: Int, grace: UInt64?) {
    let present = agents.filter { $0.value.presences.contains { $0.server == server } }.keys.sorted()
    for id in present.prefix(count) {
      let others: Set<Presence> = agents[id]?.presences.filter { $0.server != server } ?? []
      agents[id]?.presences = others
      becomesAbsent(id, grace)
    }
  }

  private mutating func becomesAbsent(_ id: Key, _ grace: UInt64?) {
    guard agents[id]?.presences.isEmpty == true else { return }
    agents[id]?.status = .offline
    beginGrace(id, grace)
  }

  private mutating func beginGrace(_ id: Key, _ grace: UInt64?) {
    guard let grace, let agent = agents[id], agent.deadline == nil, agent.status == .offline,
      !agent.hasNothingToLose
    else { return }
    agents[id]?.deadline = now + grace
  }

  // MARK: What has become of chats

  /// - Parameter fired: timers that had fired before the submission.
  private mutating func follow(
    _ effects: [Effect], of submission: Submission, _ opened: SessionID?, _ fired: Int
  ) -> String? {
    var due = Due()
    var back: SessionID?
    var ended = 0
    let before = released
    if case .timePasses(let time) = submission.command { due = self.due(limit: Int(max(1, time.limit))) }
    // All that are due have to go with this word.
    let lost = due.invitations.count
    var last: SessionID?
    promise(effects, of: submission)
    for effect in effects {
      if case .news(let id, let news) = effect,
        let problem = take(news, in: id, &due) ?? offers(news, in: id, of: submission)
      {
        return problem
      }
      if case .agent(let desk, let agent) = effect { isReady(Key(desk, agent), by: submission) }
      guard case .session(let id, let change) = effect else { continue }
      if change == .opened, case .open(let open) = submission.command, id == opened {
        let arrival = VirtualArrival.of(
          openedAt: now, priority: open.priority, credit: policies.credit(of: open))
        chats[id] = Chat(
          skill: open.skill, priority: open.priority, arrival: arrival, queuedAt: now, channel: open.channel,
          intent: open.intent)
      }
      guard let chat = chats[id] else { return "session \(id.text) was never opened" }
      switch change {
      case .opened: break
      case .left:
        guard case .attend(let said) = submission.command, let terms = said.absence, chat.gone == nil else {
          return "the customer of session \(id.text) is gone, and nobody has said so"
        }
        if id == asking {
          return "the customer of session \(id.text) asks about it again and again, and is said to be gone"
        }
        chats[id]?.gone = (now, terms)
        if terms.queueGrace > 0 { chats[id]?.waits = false }
      case .returned:
        guard case .attend(let said) = submission.command, said.absence == nil, chat.gone != nil else {
          return "the customer of session \(id.text) is back, and nobody has said so"
        }
        if chat.isPassedOver { back = id }
        chats[id]?.gone = nil
      case .assigned(let agent):
        if back == id { back = nil }
        if let problem = assign(id, chat, to: Key(id.desk, agent), by: submission) { return problem }
        timers.isGiven(id, at: now)
      case .queued(let position):
        if back == id { back = nil }
        timers.waits(id, at: now)
        if let promised = chat.promised { return "session \(id.text) waits, and is \(promised.id)'s" }
        chats[id]?.waits = !chat.isPassedOver && chat.offer == nil
        let before = chats.filter {
          $0.key != id && $0.key.desk == id.desk && $0.value.waits && $0.value.skill == chat.skill
        }
        .filter { isBefore($0, (id, chat)) }
        if position != before.count + 1 {
          return "session \(id.text) is number \(position) of its line, expected \(before.count + 1)"
        }
      case .released(let agent):
        let isSilent = !due.chats.contains(id) && timers.fires(.noReply, id, at: now)
        guard chat.agent == Key(id.desk, agent), due.chats.remove(id) != nil || isSilent else {
          return "session \(id.text) is taken from \(agent), who may keep it"
        }
        timers.isTaken(id)
        if !isSilent, let last, last.desk == id.desk, let other = chats[last],
          isBefore((id, chat), (last, other))
        {
          return "session \(id.text) goes back to its line after \(last.text)"
        }
        if !isSilent {
          last = id
          released += 1
        }
        chats[id]?.agent = nil
        chats[id]?.queuedAt = now
        agents[Key(id.desk, agent)]?.chats.remove(id)
        chats[id]?.promised = chat.invited.first { agents[$0]?.hasRoom == true }
      case .transferred(let from, let target):
        guard chat.agent?.id == from else {
          return "session \(id.text) is handed on by \(from?.rawValue ?? "nobody"), who does not have it"
        }
        timers.isTaken(id)
        if let from { wrapsUp(id, chat, Key(id.desk, from)) }
        chats[id]?.agent = nil
        chats[id]?.queuedAt = now
        chats[id]?.waits = false
        switch target {
        case .agent(let agent): chats[id]?.promised = Key(id.desk, agent)
        case .skill(let skill): chats[id]?.skill = skill
        }
      case .unclaimed:
        guard policies.rings else { return "nobody wants session \(id.text), and nobody was asked" }
      case .closed(_, let reason):
        if case .timePasses = submission.command, !timers.closes(id, reason, at: now) {
          guard let end = chat.end, end <= now else {
            return "session \(id.text) is closed, and its customer may come back"
          }
          ended += 1
        }
        timers.isTaken(id)
        if let agent = chat.agent { wrapsUp(id, chat, agent) }
        for agent in chat.invited { agents[agent]?.invitations.remove(id) }
        chats[id] = nil
      }
    }
    if let back { return "the customer of session \(back.text) is back, and has no place" }
    // With several desks each has a share of what time may change.
    if hasDesks { return nil }
    if case .timePasses(let time) = submission.command,
      ended + released - before + timers.fired - fired + lost < Int(max(1, time.limit))
    {
      if let late = chats.first(where: { $0.value.end.map { $0 <= now } ?? false }) {
        return "session \(late.key.text) is not closed, and its customer is gone for too long"
      }
      if let late = timers.late(at: now) { return "a timer of session \(late.text) has not fired" }
    }
    return due.isEmpty ? nil : "the grace is over, and \(due.chats.count) chats are not given back"
  }

  /// What was said in sessions that agents have, by people or by time.
  private mutating func hear(_ effects: [Effect], of submission: Submission) -> String? {
    for case .message(let id, _) in effects where chats[id]?.agent != nil {
      switch submission.command {
      case .send(let send) where send.session == id && send.kind == .text:
        timers.hears(id, from: send.sender, at: now)
      case .timePasses:
        guard timers.fires(.remind, id, at: now) else { return "session \(id.text) is reminded of nothing" }
      default: break
      }
    }
    return nil
  }

  private mutating func assign(
    _ id: SessionID, _ chat: Chat, to key: Key, by submission: Submission
  ) -> String? {
    let name = key.id
    if chat.offer != nil { return accept(id, chat, key, submission) }
    if let other = chat.agent { return "session \(id.text) is given to \(name), and \(other.id) has it" }
    chats[id]?.promised = nil
    if let promised = chat.promised, promised != key {
      return "session \(id.text) is given to \(name), and is \(promised.id)'s"
    }
    guard let agent = agents[key], agent.status == .online,
      agent.skills.contains(chat.skill) || chat.promised == key
    else {
      return "session \(id.text) is given to \(name), who does not serve it"
    }
    if chat.isPassedOver, chat.promised != key {
      return "session \(id.text) is given to \(name), and its customer is gone"
    }
    guard agent.hasRoom else { return "\(name) is given more than it can serve" }
    if chat.promised != key, let first = firstBefore(id, chat, for: agent) {
      return "session \(id.text) is served before \(first.text)"
    }
    if chat.waits { pulled += 1 }
    isGiven(id, to: key)
    return nil
  }

  /// Who waits before a session, and could be served by that agent as well.
  func firstBefore(_ id: SessionID, _ chat: Chat, for agent: Agent) -> SessionID? {
    chats.filter {
      $0.value.waits && $0.key.desk == id.desk && agent.skills.contains($0.value.skill) && $0.key != id
    }
    .filter { isBefore($0, (id, chat)) }.keys.min()
  }

  mutating func isGiven(_ id: SessionID, to key: Key) {
    chats[id]?.agent = key
    chats[id]?.waits = false
    agents[key]?.chats.insert(id)
    agents[key]?.missed = 0
    chats[id]?.invited.removeAll { $0 == key }
    agents[key]?.invitations.remove(id)
  }

  /// The chats that the next word of time takes away: of whoever was due first, then of the next.
  private func due(limit: Int) -> Due {
    let late = agents.filter { $0.value.deadline.map { $0 <= now } ?? false }
      .sorted { ($0.value.deadline ?? 0, $0.key) < ($1.value.deadline ?? 0, $1.key) }
    var due = Due()
    var room = hasDesks ? .max : limit
    for (key, agent) in late {
      let chats = agent.chats.sorted().prefix(room)
      room -= chats.count
      let invitations = agent.invitations.sorted().prefix(room)
      room -= invitations.count
      due.chats.formUnion(chats)
      for session in invitations { due.invitations.insert(Due.Invitation(key: key, session: session)) }
    }
    return due
  }

  func isBefore(
    _ left: (key: SessionID, value: Chat), _ right: (key: SessionID, value: Chat)
  ) -> Bool {
    level >= .ninth
      ? (left.value.arrival, left.key) < (right.value.arrival, right.key)
      : (-Int(left.value.priority), left.key) < (-Int(right.value.priority), right.key)
  }
}
