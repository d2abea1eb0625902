internal import Kernel

/// What a skill needs to be served: who waits for it, and who could serve it now. Both are there at once only while there
/// is more to give than one entry may: see `DeskState.mostPulled`.
struct WaitingLine: Sendable {
  /// Those whom any agent of the line may take.
  var waiting = RankedSet<QueuePlace>()
  /// Those of this skill whom only some agents may take, of this line or of others, or none: see `Asking`. From level 9 on.
  var narrowed = RankedSet<QueuePlace>()
  /// Those whom agents of this line may take who pass a gate, of this skill or of others; by gate, none is empty. From level 9 on.
  private(set) var gated: [Gated] = []
  /// Online agents that have the skill and room for a chat.
  var available = RankedSet<AgentLoad>()
  /// Online agents that have the skill. From level 9 on; below it nobody counts.
  var online = 0
  /// How many chats those may have at once. From level 9 on.
  var slots: UInt64 = 0
  /// Below level 9 what estimates go by; later when somebody of the line was given to an agent last.
  var pace = Pace()
  var forecast = LineForecast()
  /// What strategies remember of the line's agents. From level 9 on.
  var turns: RoundRobin?
  var smooth: [SmoothRobin] = []

  struct Gated: Sendable {
    let gate: Gate
    var places = RankedSet<QueuePlace>()
  }

  /// Nothing that would be missed: the line is not kept.
  var isIdle: Bool {
    waiting.isEmpty && available.isEmpty && pace.lastAssignment == nil && narrowed.isEmpty && gated.isEmpty
      && online == 0 && forecast.isEmpty && turns?.isEmpty ?? true && smooth.allSatisfy(\.isEmpty)
  }

  /// Where somebody stands who has that place.
  /// - Parameter level: that of the cluster.
  func standing(of place: QueuePlace, at level: Level) -> QueueStanding {
    let position = count(below: place) + 1
    guard level < LineForecast.since else {
      return QueueStanding(position: position, eta: forecast.estimate(place: position, slots: slots))
    }
    let time = UInt64(max(0, pace.estimate(position: position)))
    return QueueStanding(
      position: position, eta: time == 0 ? nil : WaitEstimate(likely: time, range: nil))
  }

  /// Somebody waits although an agent is free. Below level 9.
  var isUnserved: Bool { !waiting.isEmpty && !available.isEmpty }

  /// How many wait for this skill.
  var length: Int { waiting.count + narrowed.count }

  /// How many of them stand before a place.
  func count(below place: QueuePlace) -> Int { waiting.count(below: place) + narrowed.count(below: place) }

  /// Those who wait for this skill, in their order.
  /// - Parameter limit: so many at the most.
  func first(_ limit: Int) -> [QueuePlace] {
    guard !narrowed.isEmpty else { return waiting.prefix(limit) }
    return Array((waiting.prefix(limit) + narrowed.prefix(limit)).sorted().prefix(limit))
  }

  mutating func insert(_ place: QueuePlace, behind gate: Gate) {
    let index = gated.firstIndex { $0.gate >= gate } ?? gated.endIndex
    if index == gated.endIndex || gated[index].gate != gate { gated.insert(Gated(gate: gate), at: index) }
    gated[index].places.insert(place)
  }

  mutating func remove(_ place: QueuePlace, behind gate: Gate) {
    guard let index = gated.firstIndex(where: { $0.gate == gate }) else { return }
    gated[index].places.remove(place)
    if gated[index].places.isEmpty { gated.remove(at: index) }
  }

  /// An agent of the line becomes free, or is no more.
  mutating func insert(_ load: AgentLoad) {
    available.insert(load)
    turns?.insert(load.agent)
  }

  mutating func remove(_ load: AgentLoad) {
    available.remove(load)
    turns?.remove(load.agent)
  }

  /// An agent of the line is online from now on.
  mutating func comes(withRoomFor capacity: UInt32) { (online, slots) = (online + 1, slots + UInt64(capacity)) }

  /// - Parameter capacity: as it came.
  mutating func leaves(withRoomFor capacity: UInt32) {
    (online, slots) = (online - 1, slots - UInt64(capacity))
  }

  /// An agent serves the line no more: what was remembered of it goes.
  mutating func forget(_ agent: AgentID) {
    turns?.forget(agent)
    for place in smooth.indices { smooth[place].forget(agent) }
  }
}
