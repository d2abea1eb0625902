import Desk
internal import Protocol
internal import Synchronization

/// The events of the cluster as this node sees them, for those who follow them. They are found by looking at the node's own
/// status twice a second as long as somebody follows, and for ten minutes after, so that whoever comes back has missed
/// nothing.
final class EventBoard: Sendable {
  struct Bounds: Sendable {
    /// Who follows at a time; more are refused.
    var followers = 64
    /// Events that wait for one of them; whoever is further behind is let go.
    var waiting = 256
    /// Events that are kept for whoever comes back.
    var kept = 1024
    var pace = Duration.milliseconds(500)
    /// A stream ends then, and the follower comes back: no answer over HTTP takes longer than two minutes.
    var stream = Duration.seconds(100)
    var heartbeat = Duration.seconds(5)
    var memory = Duration.seconds(600)
  }

  /// One who follows, for as long as this is held.
  final class Follower: Sendable {
    let words: AsyncStream<String>
    private let leave: @Sendable () -> Void

    init(_ words: AsyncStream<String>, leave: @escaping @Sendable () -> Void) {
      (self.words, self.leave) = (words, leave)
    }

    deinit { leave() }
  }

  private struct Place {
    var continuation: AsyncStream<String>.Continuation
    var since: ContinuousClock.Instant
  }

  private struct State {
    var places: [UInt64: Place] = [:]
    var lastPlace: UInt64 = 0
    var kept: [(number: UInt64, text: String)] = []
    var last: UInt64 = 0
    var status: ClusterStatus?
    var followedAt: ContinuousClock.Instant?
    var saidAt: ContinuousClock.Instant?
    var isClosed = false
  }

  private let bounds: Bounds
  private let cluster: any Cluster
  /// Tells the events of this process from those of another node, or another life.
  private let life: String
  private let state = Mutex(State())

  init(cluster: any Cluster, life: String, bounds: Bounds = Bounds()) {
    (self.cluster, self.life, self.bounds) = (cluster, life, bounds)
  }

  var followers: Int { state.withLock { $0.places.count } }

  /// - Parameter id: of the last event that the follower has had; nil: none.
  /// - Throws: `Failure` (`busy`).
  func follow(after id: String?) async throws(Failure) -> Follower {
    let status = await cluster.status()
    let (words, continuation) = AsyncStream.makeStream(
      // Beside what waits: what is missed, the state, and the last word.
      of: String.self, bufferingPolicy: .bufferingOldest(bounds.waiting + bounds.kept + 4))
    let place = state.withLock { state -> UInt64? in
      guard !state.isClosed, state.places.count < bounds.followers else { return nil }
      let now = ContinuousClock.now
      look(at: status, &state)
      state.followedAt = now
      state.lastPlace += 1
      for text in beginning(after: id, status, state) { continuation.yield(text) }
      state.places[state.lastPlace] = Place(continuation: continuation, since: now)
      return state.lastPlace
    }
    guard let place else {
      continuation.finish()
      throw Failure(
        .busy, "This node tells \(bounds.followers) of its events already: ask another node.",
        retryAfterMilliseconds: 1000)
    }
    return Follower(words) { [weak self] in self?.state.withLock { $0.places[place] = nil } }
  }

  private func beginning(after id: String?, _ status: ClusterStatus, _ state: State) -> [String] {
    guard let id else { return [StatusChanges.state(status).text(id: name(state.last))] }
    let first = state.kept.first?.number ?? state.last + 1
    if let known = number(id), known <= state.last, known + 1 >= first {
      return state.kept.filter { $0.number > known }.map(\.text)
    }
    let missed = ClusterEvent(name: "missed", time: status.observedAt, members: [])
    return [missed.text(id: name(state.last)), StatusChanges.state(status).text(id: name(state.last))]
  }

  private func name(_ number: UInt64) -> String { "\(life)-\(number)" }

  private func number(_ id: String) -> UInt64? {
    let parts = id.split(separator: "-")
    return parts.count == 2 && parts[0] == life ? UInt64(parts[1]) : nil
  }

  // MARK: What happens

  /// Until the task is cancelled.
  func run() async throws {
    while true {
      try await Task.sleep(for: bounds.pace)
      let isOfUse = state.withLock { state in
        let followedAt = state.places.isEmpty ? state.followedAt : .now
        state.followedAt = followedAt
        let isOfUse = followedAt.map { ContinuousClock.now - $0 < bounds.memory } ?? false
        // What happens meanwhile is not told: whoever comes back after that has missed it.
        if !isOfUse { forget(&state) }
        return isOfUse
      }
      if isOfUse { note(await cluster.status()) }
    }
  }

  private func forget(_ state: inout State) {
    guard state.status != nil else { return }
    state.status = nil
    state.kept = []
    // So that an event before is none of those that follow.
    state.last += 1
  }

  func note(_ status: ClusterStatus) {
    state.withLock { state in
      look(at: status, &state)
      let now = ContinuousClock.now
      if now - (state.saidAt ?? now) >= bounds.heartbeat || state.saidAt == nil {
        state.saidAt = now
        tell(": \n\n", &state)
      }
      for (number, place) in state.places where now - place.since >= bounds.stream {
        end(number, "time", &state)
      }
    }
  }

  private func look(at status: ClusterStatus, _ state: inout State) {
    defer { state.status = status }
    guard let before = state.status else { return }
    for event in StatusChanges.events(from: before, to: status) {
      state.last += 1
      let text = event.text(id: name(state.last))
      state.kept.append((state.last, text))
      if state.kept.count > bounds.kept { state.kept.removeFirst() }
      tell(text, &state)
    }
  }

  private func tell(_ text: String, _ state: inout State) {
    for (number, place) in state.places {
      let room =
        switch place.continuation.yield(text) {
        case .enqueued(let remaining): remaining
        case .dropped, .terminated: 0
        @unknown default: 0
        }
      // The rest is for the last word.
      if room <= bounds.kept + 2 { end(number, "slow", &state) }
    }
  }

  private func end(_ number: UInt64, _ reason: String, _ state: inout State) {
    guard let place = state.places.removeValue(forKey: number) else { return }
    place.continuation.yield("event: end\ndata: {\"reason\":\"\(reason)\"}\n\n")
    place.continuation.finish()
  }

  /// The node is being shut down: every stream ends, and none begins.
  func close() {
    state.withLock { state in
      state.isClosed = true
      for number in state.places.keys.sorted() { end(number, "shutdown", &state) }
    }
  }
}
