internal import Kernel

/// A place in a waiting line: higher priorities first, then who came first. The id of a session rises with the log,
/// so it is the order of arrival.
struct QueuePlace: Comparable, Sendable {
  var priority: Int32
  var session: SessionID

  static func < (left: QueuePlace, right: QueuePlace) -> Bool {
    left.priority != right.priority ? left.priority > right.priority : left.session < right.session
  }
}

/// An agent with room, in the order in which they are asked: the least loaded first, then by id.
struct AgentLoad: Comparable, Sendable {
  var chats: Int
  var agent: AgentID

  static func < (left: AgentLoad, right: AgentLoad) -> Bool {
    left.chats != right.chats ? left.chats < right.chats : left.agent < right.agent
  }
}

/// What a skill needs to be served: who waits for it, and who could serve it now. Both are there at once only while there
/// is more to give than one entry may: see `DeskState.mostPulled`.
struct WaitingLine: Sendable {
  var waiting = RankedSet<QueuePlace>()
  /// Online agents that have the skill and room for a chat.
  var available = RankedSet<AgentLoad>()
  var pace = Pace()

  /// Nothing that would be missed: the line is not kept.
  var isIdle: Bool { waiting.isEmpty && available.isEmpty && pace.lastAssignment == nil }

  /// Somebody waits although an agent is free.
  var isUnserved: Bool { !waiting.isEmpty && !available.isEmpty }
}

/// How fast a waiting line moves: a moving average of the time between assignments while somebody was waiting.
struct Pace: Hashable, Sendable {
  /// An interval above a day counts as one.
  static let intervalLimit: UInt64 = 86_400_000
  static let scale: UInt64 = 16
  /// An interval has this share in the average: 1/8.
  private static let smoothing: UInt64 = 8

  /// ms since 1970.
  private(set) var lastAssignment: UInt64?
  /// Sixteenths of a millisecond; nil: unknown.
  private(set) var average: UInt64?

  init() {}

  /// - Parameter since: when the session entered the line; nil: it did not have to wait. Time in which nobody
  ///   waited says nothing about the pace and is left out.
  mutating func recordAssignment(waitingSince since: UInt64?, now: UInt64) {
    if let since {
      let start = max(since, lastAssignment ?? 0)
      let interval = min(now > start ? now - start : 0, Self.intervalLimit) * Self.scale
      if let average {
        self.average = average - average / Self.smoothing + interval / Self.smoothing
      } else {
        average = interval
      }
    }
    lastAssignment = now
  }

  /// Milliseconds until the session at that position (from 1) is likely to be assigned; 0: unknown.
  func estimate(position: Int) -> Int {
    guard let average else { return 0 }
    let (product, overflow) = average.multipliedReportingOverflow(by: UInt64(max(position, 0)))
    return overflow ? Int.max : Int(clamping: product / Self.scale)
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(lastAssignment ?? 0)
    writer.writeVarint(average.map { $0 + 1 } ?? 0)
  }

  init(from reader: inout ByteReader, now: UInt64) throws(DecodingFailure) {
    let last = try reader.readUInt64()
    guard last <= now else { throw .invalid("an assignment was made in the future") }
    lastAssignment = last
    let average = try reader.readVarint()
    guard average <= Self.intervalLimit * Self.scale + 1 else { throw .invalid("an interval is too long") }
    self.average = average == 0 ? nil : average - 1
  }
}
