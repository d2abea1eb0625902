internal import Logging
internal import NIOCore
internal import Synchronization

/// A line of the log for what others do wrong: one in so many seconds, with how many were left out, so that no crowd fills
/// the log.
final class Complaints: Sendable {
  private let pause: TimeAmount
  private let state = Mutex<(next: NIODeadline, leftOut: Int)>((.uptimeNanoseconds(0), 0))

  init(pause: TimeAmount = .seconds(5)) { self.pause = pause }

  func say(_ logger: Logger, _ text: Logger.Message, _ metadata: Logger.Metadata) {
    let now = NIODeadline.now()
    let leftOut = state.withLock { state -> Int? in
      guard now >= state.next else {
        state.leftOut += 1
        return nil
      }
      defer { state = (now + pause, 0) }
      return state.leftOut
    }
    guard let leftOut else { return }
    var metadata = metadata
    if leftOut > 0 { metadata["and_before"] = "\(leftOut)" }
    logger.warning(text, metadata: metadata)
  }
}
