import Logging
import ServiceLifecycle

/// Tells systemd that the node lives, for as long as it does: each word waits for every thread that serves it. What stands
/// still says nothing, and systemd starts the process again.
struct WatchdogService: Service {
  let notifier: ServiceNotifier
  let logger: Logger
  /// Steps that the node has taken; answered by the threads that are asked after.
  let pulse: @Sendable () async -> Int

  func run() async throws {
    guard let microseconds = notifier.watchdogMicroseconds else {
      try? await gracefulShutdown()
      return
    }
    logger.info("a watchdog looks after this process", metadata: ["ms": "\(microseconds / 1000)"])
    // Three words in the time of one, so that one that is late costs nothing.
    let interval = Duration.microseconds(Int64(clamping: microseconds / 3))
    var last = -1
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      let steps = await pulse()
      if steps != last {
        last = steps
        notifier.say("WATCHDOG=1", isRepeated: true, logger)
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: interval) }
    }
  }
}
