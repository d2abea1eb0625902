import Archive
package import Desk
package import Logging
package import NIOCore
import NIOPosix
import Node
package import Peering
package import Protocol
import Raft
import Storage

/// The node's part in the cluster: what gateways and the HTTP interface talk to. Everything behind it happens on
/// one event loop of its own.
package final class Replica: Cluster {
  private let core: NodeDriver
  private let loop: any EventLoop
  private let inbox: RequestInbox
  package let thisNode: MemberAddress

  /// Opens the node's data and recovers what it holds.
  ///
  /// - Parameters:
  ///   - group: a group of one thread, which becomes the replica's.
  ///   - stopped: called once when the node can no longer do its work; the process is to end.
  /// - Throws: `StoreError` (damaged or foreign data, another process uses it), `RaftError`, `SnapshotError`.
  package init(
    options: ReplicaOptions, group: any EventLoopGroup, logger: Logger,
    stopped: @escaping @Sendable (ReplicaFailure) -> Void
  ) throws {
    var storeOptions = options.store
    storeOptions.readability = .desk
    let (store, recovered) = try DiskStore.open(
      directory: options.dataDirectory,
      identity: StoreIdentity(cluster: options.node.cluster, node: options.node.thisNode.id),
      options: storeOptions)
    for note in recovered.notes { logger.notice("recovery", metadata: ["note": "\(note)"]) }
    loop = group.next()
    inbox = RequestInbox()
    thisNode = options.node.thisNode
    do {
      core = try NodeDriver(
        options: options, loop: loop, logger: logger, store: store, recovered: recovered, inbox: inbox,
        stopped: stopped)
    } catch let error as RaftError {
      throw StartFailure(
        description: "\(error): stop this node and run `switchboard rebuild --data \(options.dataDirectory)`")
    }
  }

  package var members: [MemberAddress] { core.members.current }

  package func change(_ change: MemberChange) async throws -> MemberChangeOutcome {
    guard case .changed(let result) = await call(.change(change)) else {
      throw ControlFailure.busy("this node stops: ask another")
    }
    return try result.get()
  }

  package func transferLeadership(to name: String?) async throws -> TransferReport {
    guard case .transferred(let result) = await call(.transferLeadership(to: name)) else {
      throw ControlFailure.busy("this node stops: ask another")
    }
    return try result.get()
  }

  /// Gives leadership and sessions to others, and takes none any more; `false` ends that.
  ///
  /// - Returns: once it is so, at the latest after `NodeConfiguration.drainPatience`.
  package func drain(_ isDraining: Bool) async { _ = await call(.drain(isDraining)) }

  package func snapshot() async throws -> SnapshotReport {
    guard case .snapshotIsThere(let result) = await call(.snapshot) else {
      throw ControlFailure.busy("this node stops: ask it again when it is back")
    }
    return SnapshotReport(index: try result.get(), node: thisNode.name)
  }

  package func inject(_ fault: DevelopmentFault) async throws {
    try await onLoop { core in Result { try core.inject(fault) } }.get()
  }

  /// Connections with peers that begin from now on use these certificates.
  package func renew(_ security: PeerSecurity) async { await onLoop { $0.network.renew(security) } }

  /// Listens for peers, connects to them and takes part in elections.
  package func start() async throws {
    try await loop.flatSubmit { [core] in core.start() }.get()
  }

  package func stop() async throws {
    try await loop.flatSubmit { [core] in core.stop() }.get()
  }

  package func attach(_ sink: any DeliverySink, as number: UInt16) {
    inbox.attach(sink, as: number)
    loop.execute { [core] in core.attach(sink, as: number) }
  }

  package func submit(_ batch: [ClientRequest]) {
    guard inbox.push(batch) else { return }
    loop.execute { [core] in core.scheduleTurnEnd() }
  }

  /// Steps of time that the node has taken, as its own thread says. One that stands still does not answer, and the count of
  /// one that has ended stays as it is.
  package func ticks() async -> Int { await onLoop { $0.ticks } }

  package func status() async -> ClusterStatus {
    await onLoop { $0.node.status() }
  }

  package func figures() async -> ReplicaFigures {
    await onLoop { $0.figures() }
  }

  package func desks(
    _ name: DeskName?, after: DeskName?, limit: Int, local: Bool
  ) async throws -> DeskPage {
    try await read(local: local) { $0.node.state.desks(name, after: after, limit: limit) }
  }

  package func follow(_ desk: DeskName, telling sink: any DeskNewsSink) async throws -> DeskFollowing {
    let answer = await call(.follow(desk)) { $0.newsSink = sink }
    guard case .following(let result) = answer else { throw Failure.stopping }
    return try result.get()
  }

  package func agents(in desk: DeskName, after: AgentID?, limit: Int) async -> AgentPage {
    await onLoop { $0.node.agentPage(in: desk, after: after, limit: limit) }()
  }

  package func session(
    _ id: SessionID, by person: Person, in desk: DeskName, local: Bool
  ) async throws -> SessionDetail {
    let (detail, archive) = try await read(local: local) { core in
      let detail = core.node.detail(of: id, in: desk)
      if detail != nil { core.visited(id, by: person) }
      return (detail, detail == nil ? try core.archived(id, in: desk) : nil)
    }
    if let detail { return detail }
    guard let archive else { throw Failure.noSuchSession }
    return try await archive.detail()
  }

  package func messages(
    _ id: SessionID, by person: Person, in desk: DeskName, _ range: TranscriptRange, limit: Int, local: Bool
  ) async throws -> MessagePage {
    if person.role != .customer {
      guard case .readable(let failure) = await call(.noteRead(person, desk, id)) else {
        throw Failure.stopping
      }
      if let failure { throw failure }
    }
    let (page, archive) = try await read(local: local) { core -> (MessagePage?, ArchivedConversation?) in
      if core.node.hasAll(of: id, in: range, limit: limit) {
        guard core.node.isThere(id, in: desk) else { throw Failure.noSuchSession }
        return (core.node.page(id, range, limit: limit), nil)
      }
      return (nil, try core.archived(id, in: desk))
    }
    if let page { return page }
    guard let archive else { throw Failure.noSuchSession }
    return try await archive.page(range, limit: limit)
  }

  /// nil: this node keeps no archive.
  func archivist() async -> Archivist? { await onLoop { $0.archive?.archivist } }

  /// Of the log, in milliseconds since 1970.
  func time() async -> UInt64 { await onLoop { $0.node.state.now } }

  /// Runs on the replica's thread.
  private func onLoop<Value: Sendable>(_ look: @escaping @Sendable (NodeDriver) -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      loop.execute { [core] in continuation.resume(returning: look(core)) }
    }
  }

  /// Runs on the replica's thread once the node has applied all that was committed when the call came.
  private func read<Value: Sendable>(
    local: Bool, _ look: @escaping @Sendable (NodeDriver) throws -> Value
  ) async throws -> Value {
    if !local {
      guard case .readable(let failure) = await call(.read) else { throw Failure.stopping }
      if let failure { throw failure }
    }
    return try await onLoop { core in Result { try look(core) } }.get()
  }

  /// - Parameter first: runs on the replica's thread, before.
  private func call(
    _ call: NodeCall, _ first: @escaping @Sendable (NodeDriver) -> Void = { _ in }
  ) async -> NodeAnswer {
    await withCheckedContinuation { continuation in
      loop.execute { [core] in
        first(core)
        core.call(call) { continuation.resume(returning: $0) }
      }
    }
  }
}

extension Failure {
  fileprivate static let stopping = Failure(
    .busy, "this node is stopping; try another", retryAfterMilliseconds: 500)
}

extension NodeDriver {
  /// What the node counts, and what its surroundings do.
  fileprivate func figures() -> ReplicaFigures {
    var figures = node.figures()
    figures.logBytes = store.statistics.logBytes
    figures.certificates = options.certificates.current
    figures.slowTurns = turns.slow
    figures.unknownMessages = unknownMessages.count
    figures.longestTurnSeconds = Double(turns.longest.nanoseconds) / 1e9
    if let traffic = gossip?.traffic {
      figures.gossipSent = traffic.sent
      figures.gossipReceived = traffic.received
      figures.gossipDropped = traffic.dropped
    }
    return figures
  }
}
