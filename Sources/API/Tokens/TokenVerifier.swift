package import Protocol
internal import ServiceLifecycle

/// Verifies the tokens of clients, one after the other, away from the event loops: a storm of reconnecting clients
/// costs the loops nothing but a place in the queue.
package final class TokenVerifier: TokenVerifying, Service {
  private struct Job: Sendable {
    var token: String
    var connection: ConnectionID
    var sink: any VerdictSink
  }

  private let service: TokenService
  private let jobs: AsyncStream<Job>
  private let queue: AsyncStream<Job>.Continuation

  /// - Parameter waiting: how many tokens may wait; above, clients are told that the node is busy.
  package init(_ service: TokenService, waiting: Int = 16_384) {
    self.service = service
    (jobs, queue) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(waiting))
  }

  package func verify(_ token: String, for connection: ConnectionID, sink: any VerdictSink) {
    // What is too long is refused before it takes room in the queue.
    guard token.utf8.count <= TokenLimits.tokenBytes else {
      sink.tell(.rejected("\(TokenProblem.tooLong(bytes: token.utf8.count))"), for: connection)
      return
    }
    switch queue.yield(Job(token: token, connection: connection, sink: sink)) {
    case .enqueued: break
    case .dropped, .terminated: sink.tell(.busy, for: connection)
    @unknown default: sink.tell(.busy, for: connection)
    }
  }

  /// Verifies until the task is cancelled or the service is shut down.
  package func run() async {
    var sinceYield = 0
    for await job in jobs.cancelOnGracefulShutdown() {
      do throws(TokenProblem) {
        let claims = try service.verify(job.token)
        job.sink.tell(.accepted(claims), for: job.connection)
      } catch {
        job.sink.tell(.rejected("\(error)"), for: job.connection)
      }
      sinceYield += 1
      if sinceYield == 64 {
        // A long queue leaves the shared threads to others from time to time.
        sinceYield = 0
        await Task.yield()
      }
    }
    queue.finish()
  }
}
