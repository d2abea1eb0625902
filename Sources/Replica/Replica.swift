package import Desk
package import Logging
package import NIOCore
import NIOPosix
package import Protocol
import Raft
import Storage

/// Why a node cannot start, and what to do.
struct StartFailure: Error, CustomStringConvertible {
  let description: String
}

/// The node's part in the cluster: what gateways and the HTTP interface talk to. Everything behind it happens on
/// one event loop of its own.
package final class Replica: Cluster {
  private let core: ReplicaCore
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
      identity: StoreIdentity(cluster: options.cluster, node: options.thisNode.id), options: storeOptions)
    for note in recovered.notes { logger.notice("recovery", metadata: ["note": "\(note)"]) }
    loop = group.next()
    inbox = RequestInbox()
    thisNode = options.thisNode
    do {
      core = try ReplicaCore(
        options: options, loop: loop, logger: logger, store: store, recovered: recovered, inbox: inbox,
        stopped: stopped)
    } catch let error as RaftError {
      throw StartFailure(
        description: "\(error): stop this node and run `switchboard rebuild --data \(options.dataDirectory)`")
    }
  }

  package var members: [MemberAddress] { core.membersForOthers.current }

  package func change(_ change: MemberChange) async throws -> Bool {
    try await onLoop { core in Result { try core.change(change) } }.get()
  }

  package func transferLeadership(to name: String?) async throws -> TransferReport {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute { [core] in
        core.transferLeadership(to: name) { continuation.resume(with: $0) }
      }
    }
  }

  /// Gives leadership and sessions to others, and takes none any more; `false` ends that.
  ///
  /// - Returns: once it is so, at the latest after `ReplicaOptions.drainPatience`.
  package func drain(_ isDraining: Bool) async {
    await withCheckedContinuation { continuation in
      loop.execute { [core] in core.drain(isDraining) { continuation.resume() } }
    }
  }

  package func inject(_ fault: DevelopmentFault) async throws {
    try await onLoop { core in Result { try core.inject(fault) } }.get()
  }

  /// Listens for peers, connects to them and takes part in elections.
  package func start() async throws {
    try await loop.flatSubmit { [core] in core.start() }.get()
  }

  package func stop() async throws {
    try await loop.flatSubmit { [core] in core.stop() }.get()
  }

  package func attach(_ sink: any DeliverySink, as number: UInt16) {
    loop.execute { [core] in core.attach(sink, as: number) }
  }

  package func submit(_ batch: [ClientRequest]) {
    guard inbox.push(batch) else { return }
    loop.execute { [core] in core.scheduleTurnEnd() }
  }

  package func status() async -> ClusterStatus {
    await onLoop { $0.status() }
  }

  package func figures() async -> ReplicaFigures {
    await onLoop { $0.figures() }
  }

  package func agents() async -> [AgentDetail] {
    await onLoop { core in core.desk.agents().map { core.detail(of: $0) } }
  }

  package func session(_ id: SessionID, local: Bool) async throws -> SessionDetail {
    try await read(local: local) { core in
      guard let detail = core.detail(of: id) else { throw Failure.noSuchSession }
      return detail
    }
  }

  package func messages(
    _ id: SessionID, _ range: HistoryRange, limit: Int, local: Bool
  ) async throws -> MessagePage {
    try await read(local: local) { core in
      guard core.desk.owner(of: id) != nil else { throw Failure.noSuchSession }
      return core.page(id, range, limit: limit)
    }
  }

  /// Runs on the replica's thread.
  private func onLoop<Value: Sendable>(_ look: @escaping @Sendable (ReplicaCore) -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      loop.execute { [core] in continuation.resume(returning: look(core)) }
    }
  }

  /// Runs on the replica's thread once the node has applied all that was committed when the call came.
  private func read<Value: Sendable>(
    local: Bool, _ look: @escaping @Sendable (ReplicaCore) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute { [core] in
        core.read(local: local) { failure in
          if let failure { return continuation.resume(throwing: failure) }
          continuation.resume(with: Result { try look(core) })
        }
      }
    }
  }
}
