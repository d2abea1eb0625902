import Synchronization

/// Ends a long read from another thread.
final class Interruption: Sendable {
  private struct State {
    var hasEnded = false
    /// What stops the statement that is under way.
    var stop: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())

  /// What is under way ends soon, with an error, and so does all that is begun with it.
  func interrupt() {
    state.withLock { state in
      state.hasEnded = true
      state.stop?()
    }
  }

  /// - Throws: `.disk`: it has been interrupted.
  func check() throws(ArchiveError) {
    guard state.withLock({ $0.hasEnded }) else { return }
    throw ArchiveError(.disk, nil, "The node stops: ask again when it is back.")
  }

  func during<Answer>(
    _ connection: Connection, _ body: () throws(ArchiveError) -> Answer
  ) throws(ArchiveError) -> Answer {
    let stop = connection.interrupting
    state.withLock { $0.stop = stop }
    defer { state.withLock { $0.stop = nil } }
    try check()
    return try body()
  }
}
