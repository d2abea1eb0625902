import Desk
import Kernel
import Protocol
import Synchronization

/// A cluster that says what a test tells it to.
final class ScriptedCluster: Cluster, ClusterControl {
  struct Script: Sendable {
    var status = ClusterStatus()
    var sessions: [SessionID: SessionDetail] = [:]
    var page = MessagePage(messages: [], more: false)
    var agents: [AgentDetail] = []
    var figures = ReplicaFigures()
    /// What is told of desks.
    var followings: [DeskName: DeskFollowing] = [:]
    /// Thrown by reads that are not local.
    var failure: Failure?
    /// Thrown by changes of the cluster.
    var controlFailure: ControlFailure?
    /// Of changes of the members.
    var outcome = MemberChangeOutcome.done
    /// What requests of clients are answered; nil: nothing is.
    var reply: Reply?
    /// Requests of clients.
    var requests: [ClientRequest] = []
    /// What was asked for.
    var asked: [Asked] = []
  }
  enum Asked: Equatable, Sendable {
    case change(MemberChange)
    case transfer(String?)
    case inject(DevelopmentFault)
    case drain(String, Bool)
    case snapshot
    case detach(String)
    case attach(String)
    case giveUp(String)
    case mend(month: String?, after: String?)
    case session(SessionID, local: Bool)
    case messages(SessionID, TranscriptRange, limit: Int)
  }

  private let script: Mutex<Script>
  private let sink = Mutex<(any DeliverySink)?>(nil)
  let members: [MemberAddress]
  let thisNode: MemberAddress

  init(_ script: Script = Script()) {
    self.script = Mutex(script)
    members = (1...3).map { number in
      MemberAddress(
        id: UInt64(number), name: "node\(number)", peerAddress: "127.0.0.1:710\(number)",
        clientURL: "http://127.0.0.1:810\(number)")
    }
    thisNode = members[0]
  }

  var asked: [Asked] { script.withLock { $0.asked } }
  func change(_ change: (inout Script) -> Void) { script.withLock { change(&$0) } }

  func change(_ change: MemberChange) async throws -> MemberChangeOutcome {
    try control(.change(change))
    return script.withLock { $0.outcome }
  }
  func transferLeadership(to name: String?) async throws -> TransferReport {
    try control(.transfer(name))
    return TransferReport(from: "node1", to: name ?? "node2", milliseconds: 12.5)
  }
  func drain(_ name: String, _ isDraining: Bool) async throws { try control(.drain(name, isDraining)) }
  func snapshot() async throws -> SnapshotReport {
    try control(.snapshot)
    return SnapshotReport(index: 42, node: "node1")
  }
  func detachMonth(_ month: String) async throws -> String {
    try control(.detach(month))
    return "/data/archive/detached/\(month).sqlite"
  }
  func attachMonth(_ month: String) async throws { try control(.attach(month)) }
  func giveUpMonth(_ month: String) async throws { try control(.giveUp(month)) }
  func mendArchive(month: String?, after: String?) async throws -> ArchiveMending {
    try control(.mend(month: month, after: after))
    return ArchiveMending(
      month: month ?? "2026-10", rows: 7, damage: month.map { "\($0) is bad" }, isWhole: false)
  }
  func inject(_ fault: DevelopmentFault) async throws { try control(.inject(fault)) }

  private func control(_ asked: Asked) throws {
    try script.withLock { script in
      script.asked.append(asked)
      if let failure = script.controlFailure { throw failure }
    }
  }

  var requests: [ClientRequest] { script.withLock { $0.requests } }

  func submit(_ batch: [ClientRequest]) {
    let script = script.withLock { script in
      script.requests += batch
      return script
    }
    let sink = sink.withLock { $0 }
    for request in batch {
      if case .disconnected = request.body { continue }
      guard let reply = script.answer(to: request) ?? script.reply else { continue }
      sink?.deliver([.reply(request.connection, tag: request.tag, reply)])
    }
  }

  func attach(_ sink: any DeliverySink, as number: UInt16) { self.sink.withLock { $0 = sink } }
  func status() async -> ClusterStatus { script.withLock { $0.status } }
  func desks(_ name: DeskName?, after: DeskName?, limit: Int, local: Bool) async throws -> DeskPage {
    DeskPage(desks: [], more: false)
  }
  func agents(in desk: DeskName, after: AgentID?, limit: Int) async -> AgentPage {
    script.withLock { script in
      let rest = script.agents.filter { agent in after.map { $0 < agent.id } ?? true }
      return AgentPage(agents: Array(rest.prefix(limit)), more: rest.count > limit)
    }
  }
  func follow(_ desk: DeskName, telling sink: any DeskNewsSink) async throws -> DeskFollowing {
    guard let following = script.withLock({ $0.followings[desk] }) else { throw Failure.noSuchDesk }
    return following
  }
  func figures() async -> ReplicaFigures { script.withLock { $0.figures } }

  func session(_ id: SessionID, by person: Person, in desk: DeskName, local: Bool) async throws -> SessionDetail
  {
    try script.withLock { script in
      script.asked.append(.session(id, local: local))
      if let failure = script.failure, !local { throw failure }
      guard let detail = script.sessions[id] else {
        throw Failure(.notFound, "There is no session \(id.rawValue).")
      }
      return detail
    }
  }

  func messages(
    _ id: SessionID, by person: Person, in desk: DeskName, _ range: TranscriptRange, limit: Int, local: Bool
  )
    async throws -> MessagePage
  {
    script.withLock { script in
      script.asked.append(.messages(id, range, limit: limit))
      return script.page
    }
  }
}

extension ScriptedCluster.Script {
  /// nil: what is asked is no query.
  fileprivate func answer(to request: ClientRequest) -> Reply? {
    guard case .query(let asked) = request.body else { return nil }
    if let failure, !asked.isLocal { return .failed(failure) }
    guard let query = asked.query as? Sessions else { return Self.anything(asked.query) }
    let own = sessions.values.filter { detail in
      detail.customer.isSame(as: request.person) && query.before.map { detail.summary.session < $0 } ?? true
    }
    .sorted { $0.summary.session > $1.summary.session }
    let listed = own.prefix(query.limit).map { detail in
      OwnSessions.Session(
        session: detail.summary.session, state: detail.summary.state.rawValue, seq: detail.summary.sequence,
        position: UInt64(detail.summary.position), eta: UInt64(detail.summary.etaMilliseconds),
        agents: detail.summary.agents.map(\.rawValue), channel: detail.channel, skill: detail.skill,
        openedAt: detail.openedAt, updatedAt: detail.updatedAt)
    }
    return .answer(QueryAnswer(OwnSessions(sessions: listed, more: own.count > query.limit)))
  }
}

extension ScriptedCluster.Script {
  /// Desks there are none; else any answer that is of the query.
  private static func anything<One: Query>(_ query: One) -> Reply {
    if query is Desks { return .answer(QueryAnswer(DeskPage(desks: [], more: false))) }
    var random = SeededGenerator(seed: 20_261_132)
    return .answer(QueryAnswer(One.Answer.fields.sample(&random)))
  }
}

extension SessionDetail {
  static func example(
    id: UInt64 = 4096, customer: String = "alice", agents: [String] = ["bob"],
    state: SessionSummary.State = .active
  ) -> SessionDetail {
    SessionDetail(
      summary: SessionSummary(
        session: SessionID(rawValue: id), state: state, sequence: Sequence(7),
        position: state == .queued ? 3 : 0, etaMilliseconds: state == .queued ? 9000 : 0,
        agents: agents.map { AgentID($0) }),
      customer: Person(id: customer, role: .customer, name: "Alice"), channel: "web", skill: "billing",
      intent: "refund", priority: -2,
      attributes: [Attribute(name: "orderId", json: #"{"no":12,"vip":true,"ratio":0.5,"tags":["a",null]}"#)],
      owner: "node2", epoch: Epoch(1), openedAt: 1_700_000_000_123, updatedAt: 1_700_000_001_000, closedAt: nil,
      closeReason: nil, customerIsAway: false)
  }
}
