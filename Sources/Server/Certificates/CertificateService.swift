import ServiceLifecycle

/// Looks at the files of certificates every few seconds, and when it is asked to.
struct CertificateService: Service {
  static let interval = Duration.seconds(2)

  private let watch: CertificateWatch
  private let asked: AsyncStream<Void>
  private let asking: AsyncStream<Void>.Continuation

  init(_ watch: CertificateWatch) {
    self.watch = watch
    (asked, asking) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// From any thread.
  func lookNow() { asking.yield() }

  func run() async throws {
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask {
          for await _ in asked { await watch.look(isAsked: true) }
        }
        group.addTask {
          while !Task.isCancelled, !Task.isShuttingDownGracefully {
            await watch.look()
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
          }
          asking.finish()
        }
      }
    } onGracefulShutdown: {
      asking.finish()
    }
  }
}
