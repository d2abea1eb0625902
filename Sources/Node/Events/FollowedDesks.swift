import Desk
import Kernel
import Protocol
import Raft

/// The desks that somebody follows on this node, and what has happened in them during the present turn. A node where nobody
/// does keeps nothing.
struct FollowedDesks {
  /// Whoever does not ask again within that time is told nothing more.
  static let lease = Span.seconds(30)
  /// Desks at a time.
  static let most = 32
  /// Events of one turn, of all desks together; what is beyond is told as a gap.
  static let mostOfTurn = 4_096

  private struct Followed {
    let desk: DeskName
    /// What entries behind this one have brought about was told, or is about to be.
    var since: LogIndex
    var until: Instant
    /// Something was left out in this turn.
    var hasGap = false
  }

  /// In the order in which they came.
  private var list: [Followed] = []
  private var events: [DeskNewsBatch.Told] = []

  var isEmpty: Bool { list.isEmpty }

  /// - Parameter index: of the entry that was applied last.
  /// - Returns: the entry from which on all is told; nil: too many desks are followed.
  mutating func follow(_ desk: DeskName, at index: LogIndex, now: Instant) -> LogIndex? {
    if let place = list.firstIndex(where: { $0.desk == desk }) {
      list[place].until = now + Self.lease
      return list[place].since
    }
    guard list.count < Self.most else { return nil }
    list.append(Followed(desk: desk, since: index, until: now + Self.lease))
    return index
  }

  mutating func add(_ effects: [Effect], of entry: Entry, in state: borrowing ReplicatedState) {
    for place in list.indices {
      let desk = list[place].desk
      guard let number = state.number(of: desk) else { continue }
      state.tellEvents(of: effects, in: number, index: entry.index.rawValue, time: entry.time) { event in
        // Behind a gap nothing of the turn is told: what comes next begins behind it.
        if events.count < Self.mostOfTurn, !list[place].hasGap {
          events.append(DeskNewsBatch.Told(desk: desk, event: event))
        } else {
          list[place].hasGap = true
          list[place].since = entry.index
        }
      }
    }
  }

  /// What has happened up to this entry is not known here: a snapshot has taken its place.
  mutating func skip(to index: LogIndex) {
    for place in list.indices {
      list[place].hasGap = true
      list[place].since = index
    }
  }

  /// - Parameters:
  ///   - index: of the entry that was applied last.
  ///   - state: of a desk; nil: it is gone.
  mutating func take(
    at index: LogIndex, now: Instant, timeOfDay: UInt64, state: (DeskName) -> DeskSummary?
  ) -> DeskNewsBatch {
    var batch = DeskNewsBatch()
    swap(&batch.events, &events)
    list.removeAll { followed in
      if state(followed.desk) == nil {
        batch.gone.append(followed.desk)
        return true
      }
      return now > followed.until
    }
    for place in list.indices where list[place].hasGap {
      guard let summary = state(list[place].desk) else { continue }
      list[place].hasGap = false
      list[place].since = index
      batch.gaps.append(
        (
          list[place].desk,
          DeskFollowing(since: index.rawValue, at: index.rawValue, state: summary, time: timeOfDay)
        ))
    }
    return batch
  }
}

extension Node {
  mutating func follow(_ name: DeskName) -> Result<DeskFollowing, Failure> {
    guard let state = state.desks(name, limit: 1).desks.first else { return .failure(.noSuchDesk) }
    guard let since = followed.follow(name, at: log.index, now: now) else {
      return .failure(
        Failure(
          .busy, "This node tells of \(FollowedDesks.most) desks already: ask another node.",
          retryAfterMilliseconds: 1_000))
    }
    return .success(DeskFollowing(since: since.rawValue, at: log.index.rawValue, state: state, time: timeOfDay))
  }

  mutating func tellDesks(_ effects: [Effect], of entry: Entry) { followed.add(effects, of: entry, in: state) }

  mutating func takeDeskNews() -> DeskNewsBatch {
    let state = state
    return followed.take(at: log.index, now: now, timeOfDay: timeOfDay) {
      state.desks($0, limit: 1).desks.first
    }
  }
}
