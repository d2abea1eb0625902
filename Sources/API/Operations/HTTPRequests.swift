internal import Desk
internal import Protocol
internal import Synchronization

/// Requests that come over HTTP: each is a connection of its own for the replica, and gone once it has its answer.
final class HTTPRequests: DeliverySink {
  /// Requests that wait for their answer; beyond, one is answered `busy`. HTTP connections have a limit of their own.
  static let most = 4_096

  private struct State {
    var last: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Reply, any Error>] = [:]
  }

  private let state = Mutex(State())
  private let cluster: any Cluster
  private let number: UInt16
  private let patience: Duration

  /// - Parameters:
  ///   - number: of this sink, after those of the gateway's loops.
  ///   - patience: how long an answer is waited for.
  init(cluster: any Cluster, number: UInt16, patience: Duration = .seconds(30)) {
    (self.cluster, self.number, self.patience) = (cluster, number, patience)
    cluster.attach(self, as: number)
  }

  /// Requests without an answer.
  var waiting: Int { state.withLock { $0.waiting.count } }

  /// These are no clients that stay.
  var openConnections: Int { 0 }

  /// - Throws: `Failure`, also when nothing is heard of it: then whether it was done is not known.
  func perform(_ body: DeskRequest, by person: Person, of desk: DeskName) async throws -> Reply {
    let connection = ConnectionID(
      sink: number,
      number: state.withLock { state in
        state.last += 1
        return state.last
      })
    defer {
      cluster.submit([
        ClientRequest(
          connection: connection, tag: 0, person: person, desk: desk, body: .disconnected, stays: false)
      ])
    }
    let request = ClientRequest(
      connection: connection, tag: 0, person: person, desk: desk, body: body, stays: false)
    let reply = try await withThrowingTaskGroup(of: Reply.self) { group in
      group.addTask { try await self.answer(to: request) }
      group.addTask { [patience] in
        try await Task.sleep(for: patience)
        throw Failure(
          .busy, "There is no answer yet; it may still be done: ask again with the same Idempotency-Key.",
          retryAfterMilliseconds: 1000)
      }
      defer { group.cancelAll() }
      return try await group.next()
    }
    switch reply {
    case .failed(let failure): throw failure
    case let reply?: return reply
    case nil: throw CancellationError()
    }
  }

  private func answer(to request: ClientRequest) async throws -> Reply {
    let number = request.connection.number
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let hasRoom = state.withLock { state in
          guard state.waiting.count < Self.most else { return false }
          state.waiting[number] = continuation
          return true
        }
        guard hasRoom else {
          return continuation.resume(
            throwing: Failure(
              .busy, "This node has too many requests at once: ask again, or another node.",
              retryAfterMilliseconds: 500))
        }
        // Whoever is told to give up before it waits is told so here.
        guard !Task.isCancelled else { return take(number)?.resume(throwing: CancellationError()) ?? () }
        cluster.submit([request])
      }
    } onCancel: {
      take(number)?.resume(throwing: CancellationError())
    }
  }

  private func take(_ number: UInt64) -> CheckedContinuation<Reply, any Error>? {
    state.withLock { $0.waiting.removeValue(forKey: number) }
  }

  func deliver(_ batch: [Delivery]) {
    for case .reply(let connection, tag: _, let reply) in batch {
      switch reply {
      // What a connection that follows would get besides.
      case .missed, .resumed, .gap: break
      case .opened, .joined, .acknowledged, .done, .history, .answer, .failed:
        take(connection.number)?.resume(returning: reply)
      }
    }
  }
}
