import Desk
internal import Protocol
internal import Synchronization

/// What happens to the cluster as this node sees it, and what happens in desks, for those who follow them. The events of
/// the cluster are found by looking at the node's own status twice a second; those of a desk are told by the node. Both as
/// long as somebody follows, and for ten minutes after, so that whoever comes back has missed nothing.
final class EventBoard: Sendable {
  struct Bounds: Sendable {
    /// Who follows at a time, whatever it is; more are refused.
    var followers = 64
    /// Events that wait for one of them; whoever is further behind is let go.
    var waiting = 256
    /// Events that are kept for whoever comes back, of the cluster and of each desk, and their bytes.
    var kept = 1024
    var keptBytes = 1 << 20
    /// Events of desks that this has not taken from the node yet.
    var arriving = 16_384
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

  struct State {
    /// Of the cluster; its events are numbered from 1.
    var cluster: EventChannel
    /// As it was looked at last; nil: nobody has followed the cluster of late.
    var status: ClusterStatus?
    var desks: [DeskName: EventChannel] = [:]
    var lastPlace: UInt64 = 0
    var saidAt: ContinuousClock.Instant?
    var isClosed = false
    var arrived = ArrivedNews()
  }

  let bounds: Bounds
  let cluster: any Cluster
  /// Tells the events of this process from those of another node, or another life.
  private let life: String
  let state: Mutex<State>
  /// News of desks wait to be told.
  let arrivals: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

  init(cluster: any Cluster, life: String, bounds: Bounds = Bounds()) {
    (self.cluster, self.life, self.bounds) = (cluster, life, bounds)
    state = Mutex(State(cluster: EventChannel(from: EventPosition(0), bounds)))
    arrivals = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  var followers: Int { state.withLock(\.followers) }

  /// - Parameter id: of the last event that the follower has had; nil: none.
  /// - Throws: `Failure` (`busy`).
  func follow(after id: String?) async throws(Failure) -> Follower {
    let status = await cluster.status()
    let (words, continuation) = makeWords()
    let place = state.withLock { state -> UInt64? in
      guard let place = state.newPlace(bounds) else { return nil }
      look(at: status, &state)
      let known = id.flatMap(position)
      let isKnown = known.map { state.cluster.covers($0) && $0 <= state.cluster.last } ?? false
      let last = state.cluster.last
      var beginning: [String] = []
      if !isKnown {
        if id != nil { beginning.append(ServerSentEvent.missed(id: name(last), time: status.observedAt)) }
        beginning.append(StatusChanges.state(status).text(id: name(last)))
      }
      let after = isKnown ? known ?? last : last
      state.cluster.add(place, continuation, after: after, beginning: beginning)
      return place
    }
    guard let place else { throw refusal(continuation) }
    return Follower(words) { [weak self] in self?.state.withLock { $0.cluster.remove(place) } }
  }

  func makeWords() -> (AsyncStream<String>, AsyncStream<String>.Continuation) {
    // Beside what waits: what is missed, the state, and the last word.
    let most = bounds.waiting + bounds.kept + bounds.kept / 8 + 4
    return AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(most))
  }

  func refusal(_ continuation: AsyncStream<String>.Continuation) -> Failure {
    continuation.finish()
    return Failure(
      .busy, "This node tells \(bounds.followers) of its events already: ask another node.",
      retryAfterMilliseconds: 1000)
  }

  private func name(_ position: EventPosition) -> String { "\(life)-\(position)" }

  private func position(_ id: String) -> EventPosition? {
    let parts = id.split(separator: "-")
    return parts.count == 2 && parts[0] == life ? EventPosition(parts[1]) : nil
  }

  // MARK: What happens

  /// Until the task is cancelled.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [self] in for await _ in arrivals.stream { await tellArrived() } }
      group.addTask { [self] in try await watch() }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func watch() async throws {
    var renewedAt = ContinuousClock.now
    while true {
      try await Task.sleep(for: bounds.pace)
      let isOfUse = state.withLock { state in
        let followedAt = state.cluster.isEmpty ? state.cluster.followedAt : .now
        let isOfUse = followedAt.map { ContinuousClock.now - $0 < bounds.memory } ?? false
        // What happens meanwhile is not told: whoever comes back after that has missed it.
        if !isOfUse { forget(&state) }
        return isOfUse
      }
      if isOfUse { note(await cluster.status()) } else { look() }
      if ContinuousClock.now - renewedAt >= bounds.heartbeat {
        renewedAt = .now
        await renew()
      }
    }
  }

  private func forget(_ state: inout State) {
    guard state.status != nil else { return }
    state.status = nil
    // So that an event before is none of those that follow.
    state.cluster.begin(behind: EventPosition(state.cluster.last.index + 1))
  }

  func note(_ status: ClusterStatus) {
    state.withLock { state in look(at: status, &state) }
    look()
  }

  private func look() {
    state.withLock { state in
      let now = ContinuousClock.now
      let isDue = state.saidAt.map { now - $0 >= bounds.heartbeat } ?? true
      if isDue { state.saidAt = now }
      state.cluster.look(at: now, heartbeat: isDue)
      for desk in state.desks.keys { state.desks[desk]?.look(at: now, heartbeat: isDue) }
    }
  }

  private func look(at status: ClusterStatus, _ state: inout State) {
    defer { state.status = status }
    guard let before = state.status else { return }
    for event in StatusChanges.events(from: before, to: status) {
      let position = EventPosition(state.cluster.last.index + 1)
      state.cluster.tell(event.text(id: name(position)), at: position)
    }
  }

  /// The node is being shut down: every stream ends, and none begins.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.cluster.endAll("shutdown")
      for desk in state.desks.keys.sorted() { state.desks[desk]?.endAll("shutdown") }
    }
  }
}

extension EventBoard.State {
  fileprivate var followers: Int { desks.values.reduce(cluster.places.count) { $0 + $1.places.count } }

  /// - Returns: nil: there is no room for another follower.
  mutating func newPlace(_ bounds: EventBoard.Bounds) -> UInt64? {
    guard !isClosed, followers < bounds.followers else { return nil }
    lastPlace += 1
    return lastPlace
  }
}
