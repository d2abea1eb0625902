import Desk
internal import Kernel
internal import Protocol
internal import Synchronization

/// News of desks on their way from the node's thread, which never waits for those who follow.
struct ArrivedNews {
  var batches: [DeskNewsBatch] = []
  var events = 0
  /// There was too much: what has come since the last look is gone, and so is what comes until the next.
  var isOverrun = false

  mutating func add(_ batch: DeskNewsBatch, most: Int) {
    guard !isOverrun else { return }
    guard events + batch.events.count <= most else {
      (batches, events, isOverrun) = ([], 0, true)
      return
    }
    batches.append(batch)
    events += batch.events.count
  }
}

/// Those who follow a desk.
extension EventBoard: DeskNewsSink {
  /// An event that a follower has had lies ahead of what this node has applied: it is a little behind, and goes on there.
  private static let mostAhead: UInt64 = 10_000

  /// - Parameter id: of the last event of the desk that the follower has had, from any node; nil: none.
  /// - Throws: `Failure` (`notFound`: no such desk; `busy`).
  func follow(_ desk: DeskName, after id: String?) async throws -> Follower {
    state.withLock { state in
      // Before the node begins: what it tells at once has a place.
      if state.desks[desk] == nil { state.desks[desk] = EventChannel(from: EventPosition(0, 0), bounds) }
    }
    let following: DeskFollowing
    do { following = try await cluster.follow(desk, telling: self) } catch {
      state.withLock { state in if state.desks[desk]?.isUnused == true { state.desks[desk] = nil } }
      throw error
    }
    let (words, continuation) = makeWords()
    let place = state.withLock { state -> UInt64? in
      guard let place = state.newPlace(bounds) else { return nil }
      var channel = state.desks[desk] ?? EventChannel(from: EventPosition(0, 0), bounds)
      channel.take(following)
      let now = EventPosition(following.at)
      let known = id.flatMap { EventPosition($0) }
      let isKnown =
        known.map { channel.covers($0) && $0.index <= following.at + Self.mostAhead } ?? false
      var beginning = isKnown ? [] : [following.stateText]
      if !isKnown, id != nil { beginning.insert(following.missedText, at: 0) }
      channel.add(place, continuation, after: isKnown ? known ?? now : now, beginning: beginning)
      state.desks[desk] = channel
      return place
    }
    guard let place else { throw refusal(continuation) }
    return Follower(words) { [weak self] in self?.state.withLock { $0.desks[desk]?.remove(place) } }
  }

  func take(_ batch: DeskNewsBatch) {
    state.withLock { $0.arrived.add(batch, most: bounds.arriving) }
    arrivals.continuation.yield()
  }

  /// What the node has told since.
  func tellArrived() async {
    let (batches, isOverrun) = state.withLock { state in
      defer { state.arrived = ArrivedNews() }
      return (state.arrived.batches, state.arrived.isOverrun)
    }
    for batch in batches {
      let texts = batch.events.map { told in
        (told.desk, EventPosition(told.event.index, told.event.place), told.event.text)
      }
      state.withLock { state in
        for (desk, position, text) in texts { state.desks[desk]?.tell(text, at: position) }
        for gap in batch.gaps { state.desks[gap.desk]?.take(gap.following) }
        for desk in batch.gone { state.end(desk) }
      }
    }
    if isOverrun { await renew(afterLoss: true) }
  }

  /// Has the node go on telling of those desks that somebody follows, or has followed of late.
  /// - Parameter afterLoss: what has happened up to now is not known here.
  func renew(afterLoss: Bool = false) async {
    let desks = state.withLock { state in
      for (desk, channel) in state.desks where channel.isEmpty {
        let isRecent = channel.followedAt.map { ContinuousClock.now - $0 < bounds.memory } ?? false
        if !isRecent { state.desks[desk] = nil }
      }
      return state.desks.keys.sorted()
    }
    for desk in desks {
      do {
        var following = try await cluster.follow(desk, telling: self)
        if afterLoss { following.since = following.at }
        state.withLock { $0.desks[desk]?.take(following) }
      } catch let failure as Failure where failure.code == .notFound {
        state.withLock { $0.end(desk) }
      } catch {
        // The node stops, and its streams with it.
      }
    }
  }
}

extension EventBoard.State {
  /// There is no such desk any more.
  fileprivate mutating func end(_ desk: DeskName) {
    desks[desk]?.endAll("deleted")
    desks[desk] = nil
  }
}

extension EventChannel {
  fileprivate var isUnused: Bool { isEmpty && last == EventPosition(0, 0) }

  /// What the node says of how it tells: where it begins anew, there is a gap before.
  fileprivate mutating func take(_ following: DeskFollowing) {
    let since = EventPosition(following.since)
    guard since > floor else { return }
    begin(behind: since)
    tellMissed(
      before: since, goingOn: EventPosition(following.at), [following.missedText, following.stateText])
  }
}

extension DeskEvent {
  fileprivate var text: String {
    ServerSentEvent.text(id: "\(EventPosition(index, place))", name: name, json: json)
  }
}

extension DeskFollowing {
  fileprivate var stateText: String {
    DeskEvent(index: at, place: .max, time: time, session: nil, news: state).text
  }

  fileprivate var missedText: String {
    ServerSentEvent.missed(id: "\(EventPosition(at))", time: TimeText.rfc3339(time))
  }
}
