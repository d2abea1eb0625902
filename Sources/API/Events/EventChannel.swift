/// The events of the cluster, or of one desk: those that are kept for whoever comes back, and who is told.
struct EventChannel {
  /// One who follows.
  struct Place {
    var continuation: AsyncStream<String>.Continuation
    var since: ContinuousClock.Instant
    /// What is behind this one is told.
    var after: EventPosition
  }

  let bounds: EventBoard.Bounds
  private(set) var places: [UInt64: Place] = [:]
  private var kept: [(position: EventPosition, text: String)] = []
  private var keptBytes = 0
  /// All events behind it are kept.
  private(set) var floor: EventPosition
  /// Of the newest event.
  private(set) var last: EventPosition
  /// When anybody was here last; nil: nobody ever was.
  private(set) var followedAt: ContinuousClock.Instant?

  init(from position: EventPosition, _ bounds: EventBoard.Bounds) {
    (floor, last, self.bounds) = (position, position, bounds)
  }

  var isEmpty: Bool { places.isEmpty }
  /// Whether all is known that has happened behind an event.
  func covers(_ position: EventPosition) -> Bool { position >= floor }

  /// - Parameters:
  ///   - after: what is kept behind it is told at once.
  ///   - beginning: is told before.
  mutating func add(
    _ number: UInt64, _ continuation: AsyncStream<String>.Continuation, after: EventPosition,
    beginning: [String]
  ) {
    for text in beginning { continuation.yield(text) }
    for event in kept where event.position > after { continuation.yield(event.text) }
    places[number] = Place(continuation: continuation, since: .now, after: after)
    followedAt = .now
  }

  mutating func remove(_ number: UInt64) { places[number] = nil }

  /// - Parameter position: one that is not behind `last` is known, and nothing is done.
  mutating func tell(_ text: String, at position: EventPosition) {
    guard position > last else { return }
    last = position
    kept.append((position, text))
    keptBytes += text.utf8.count
    let surplus = bounds.kept / 8
    if kept.count > bounds.kept + surplus || keptBytes > bounds.keptBytes { forget(surplus) }
    for (number, place) in places where position > place.after { say(text, to: number) }
  }

  /// So that not every event moves all that are kept.
  private mutating func forget(_ surplus: Int) {
    var count = max(1, kept.count - bounds.kept, surplus)
    var bytes = kept.prefix(count).reduce(0) { $0 + $1.text.utf8.count }
    while keptBytes - bytes > bounds.keptBytes, count < kept.count {
      bytes += kept[count].text.utf8.count
      count += 1
    }
    floor = kept[count - 1].position
    kept.removeFirst(count)
    keptBytes -= bytes
  }

  /// Something before this event is not known.
  mutating func begin(behind position: EventPosition) {
    kept.removeAll { $0.position <= position }
    keptBytes = kept.reduce(0) { $0 + $1.text.utf8.count }
    floor = max(floor, position)
    last = max(last, position)
  }

  /// Those who are before an event are told what stands in the place of what they have missed, and go on behind it.
  mutating func tellMissed(
    before position: EventPosition, goingOn next: EventPosition, _ texts: [String]
  ) {
    for (number, place) in places where place.after < position {
      places[number]?.after = next
      for text in texts { say(text, to: number) }
    }
  }

  /// Those whose time is over leave, and come back.
  mutating func look(at now: ContinuousClock.Instant, heartbeat: Bool) {
    if !places.isEmpty { followedAt = now }
    for (number, place) in places {
      if heartbeat { say(ServerSentEvent.heartbeat, to: number) }
      if now - place.since >= bounds.stream { end(number, "time") }
    }
  }

  private mutating func say(_ text: String, to number: UInt64) {
    guard let place = places[number] else { return }
    let room =
      switch place.continuation.yield(text) {
      case .enqueued(let remaining): remaining
      case .dropped, .terminated: 0
      @unknown default: 0
      }
    // The rest is for the last word.
    if room <= bounds.kept + 2 { end(number, "slow") }
  }

  private mutating func end(_ number: UInt64, _ reason: String) {
    guard let place = places.removeValue(forKey: number) else { return }
    place.continuation.yield(ServerSentEvent.end(reason))
    place.continuation.finish()
  }

  mutating func endAll(_ reason: String) { for number in places.keys.sorted() { end(number, reason) } }
}
