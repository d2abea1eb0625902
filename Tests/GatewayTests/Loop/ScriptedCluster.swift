import Desk
import Protocol
import Synchronization
import TestFrames

@testable import Gateway

/// A cluster of one desk in memory: it orders messages, follows sessions and answers at once, on the thread that
/// asks. Enough to try a gateway against; nothing of it is durable.
final class ScriptedCluster: Cluster {
  struct State {
    var sinks: [UInt16: any DeliverySink] = [:]
    var batches: [[ClientRequest]] = []
    var followers: [SessionID: [ConnectionID]] = [:]
    var messages: [SessionID: [Transcribed]] = [:]
    var gone: [ConnectionID] = []
    var sessions: UInt64 = 0
    /// While set, requests are kept and not answered.
    var isHolding = false
  }

  let state = Mutex(State())
  let thisNode = MemberAddress(id: 1, name: "node1", peerAddress: "h:7001", clientURL: "http://h:8101")
  var members: [MemberAddress] { [thisNode] }

  func attach(_ sink: any DeliverySink, as number: UInt16) { state.withLock { $0.sinks[number] = sink } }

  func submit(_ batch: [ClientRequest]) {
    let deliveries = state.withLock { state -> [(any DeliverySink, [Delivery])] in
      state.batches.append(batch)
      guard !state.isHolding else { return [] }
      var bySink: [UInt16: [Delivery]] = [:]
      for request in batch { answer(request, &state, &bySink) }
      return bySink.compactMap { number, batch in state.sinks[number].map { ($0, batch) } }
    }
    for (sink, batch) in deliveries { sink.deliver(batch) }
  }

  /// A message of nobody here, to all followers.
  func say(_ session: SessionID, _ bodies: [String]) {
    let deliveries = state.withLock { state -> [(any DeliverySink, [Delivery])] in
      var bySink: [UInt16: [Delivery]] = [:]
      for body in bodies {
        let sequence = UInt64(state.messages[session, default: []].count + 1)
        let message = transcribed(sequence, body)
        state.messages[session, default: []].append(message)
        for (sink, to) in Dictionary(grouping: state.followers[session] ?? [], by: \.sink) {
          bySink[sink, default: []].append(.message(session, message, to: to))
        }
      }
      return bySink.compactMap { number, batch in state.sinks[number].map { ($0, batch) } }
    }
    for (sink, batch) in deliveries { sink.deliver(batch) }
  }

  private func answer(
    _ request: ClientRequest, _ state: inout State, _ bySink: inout [UInt16: [Delivery]]
  ) {
    func reply(_ reply: Reply) {
      bySink[request.connection.sink, default: []].append(.reply(request.connection, tag: request.tag, reply))
    }
    switch request.body {
    case .open:
      state.sessions += 1
      let session = SessionID(rawValue: state.sessions << 12)
      state.followers[session] = [request.connection]
      reply(.opened(summary(session.rawValue, .active)))
    case .join(let session, let after), .resume(let session, let after):
      let messages = state.messages[session] ?? []
      state.followers[session, default: []].append(request.connection)
      if case .join = request.body {
        reply(.joined(summary(session.rawValue, .active, sequence: UInt64(messages.count))))
      } else {
        reply(.resumed(session, recovered: true))
      }
      reply(.missed(session, Array(messages.dropFirst(Int(after.rawValue)))))
    case .send(let session, let id, let body):
      let sequence = Sequence(UInt64(state.messages[session, default: []].count + 1))
      let message = Transcribed(
        sequence: sequence, id: id, sender: request.person, kind: .text, body: body, time: 1)
      state.messages[session, default: []].append(message)
      reply(.acknowledged(session, sequence, time: 1))
      let others = (state.followers[session] ?? []).filter { $0 != request.connection }
      for (sink, to) in Dictionary(grouping: others, by: \.sink) {
        bySink[sink, default: []].append(.message(session, message, to: to))
      }
    case .history(let session, _, let limit):
      reply(.history(session, Array((state.messages[session] ?? []).prefix(limit)), more: false))
    case .query: reply(.answer(QueryAnswer(OwnSessions(sessions: [], more: false))))
    case .arrange, .perform, .govern: reply(.done)
    case .typing, .read: break
    case .disconnected:
      state.gone.append(request.connection)
      for session in state.followers.keys {
        state.followers[session]?.removeAll { $0 == request.connection }
      }
    }
  }

  func status() async -> ClusterStatus { ClusterStatus() }
  func session(_ id: SessionID, by person: Person, in desk: DeskName, local: Bool) async throws -> SessionDetail
  {
    throw Failure(.notFound, "")
  }
  func messages(
    _ id: SessionID, by person: Person, in desk: DeskName, _ range: TranscriptRange, limit: Int, local: Bool
  )
    async throws -> MessagePage
  {
    throw Failure(.notFound, "")
  }
  func desks(_ name: DeskName?, after: DeskName?, limit: Int, local: Bool) async throws -> DeskPage {
    DeskPage(desks: [], more: false)
  }
  func agents(in desk: DeskName, after: AgentID?, limit: Int) async -> AgentPage {
    AgentPage(agents: [], more: false)
  }
  func follow(_ desk: DeskName, telling sink: any DeskNewsSink) async throws -> DeskFollowing {
    throw Failure.noSuchDesk
  }
  func figures() async -> ReplicaFigures { ReplicaFigures() }
}

/// Takes `customer:ID` and `agent:ID`; holds tokens that begin with `held:` until they are let go.
final class ScriptedVerifier: TokenVerifying {
  private let held = Mutex<[(String, ConnectionID, any VerdictSink)]>([])

  var heldCount: Int { held.withLock { $0.count } }

  func verify(_ token: String, for connection: ConnectionID, sink: any VerdictSink) {
    if token.hasPrefix("held:") {
      held.withLock { $0.append((String(token.dropFirst(5)), connection, sink)) }
    } else {
      sink.tell(Self.verdict(token), for: connection)
    }
  }

  func letGo() {
    let waiting = held.withLock { held in
      defer { held = [] }
      return held
    }
    for (token, connection, sink) in waiting { sink.tell(Self.verdict(token), for: connection) }
  }

  private static func verdict(_ token: String) -> Verdict {
    let parts = token.split(separator: ":")
    guard parts.count == 2, let role = UserRole(name: parts[0]) else {
      return .rejected("The token cannot be read.")
    }
    let id = String(parts[1])
    return .accepted(Claims(person: Person(id: id, role: role, name: id), expiresAtMilliseconds: .max))
  }
}
