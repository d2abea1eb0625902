internal import Kernel

/// What routing keeps with a session. From level 9 on.
struct SessionRouting: Sendable {
  /// How many of the last assignments are kept.
  static let mostAssignments = 4

  /// Its virtual arrival, in ms since 1970: what orders lines. It stays what it was when the session was opened.
  var arrival: Int64
  /// The version of the policy under which it waits, or was given last.
  var policy: UInt64 = 0
  /// How many of that policy's steps had begun then.
  var step = 0
  /// When it was given to its agent, in ms since 1970; 0: never.
  var givenAt: UInt64 = 0
  /// Its agent has said nothing since then.
  var awaitsWords = false
  /// What was expected when it came into its line; nil: it does not wait.
  var forecast: Forecast?
  /// From level 10 on.
  var offering = Offering()
  /// The last assignments, the oldest first, each as `AssignmentRecord.fields` encodes it.
  var assignments: [[UInt8]] = []

  struct Forecast: Hashable, Sendable {
    /// When it came into its line, in ms since 1970.
    var since: UInt64
    /// nil: nothing could be said.
    var expectation: LineForecast.Expectation?
  }

  init(arrival: Int64) { self.arrival = arrival }

  mutating func add(_ assignment: AssignmentRecord) {
    if assignments.count >= Self.mostAssignments { assignments.removeFirst() }
    assignments.append(AssignmentRecord.fields.encode(assignment))
  }
}

/// In an object of its own, so that a session stays small.
final class KeptRouting: Sendable {
  let value: SessionRouting
  init(_ value: SessionRouting) { self.value = value }
}

extension Session {
  /// nil: it was opened below level 9, and nothing has become of it since.
  var routing: SessionRouting? {
    get { keptRouting?.value }
    set { keptRouting = newValue.map { KeptRouting($0) } }
  }

  /// As it is, or as it follows from how the session was opened.
  var routingOrUsual: SessionRouting { routing ?? SessionRouting(arrival: usualArrival) }

  private var usualArrival: Int64 {
    VirtualArrival.of(openedAt: openedAt, priority: priority, credit: VirtualArrival.usualCredit)
  }

  /// Its place in any line.
  /// - Parameter level: that of the cluster.
  func queuePlace(at level: Level) -> QueuePlace {
    guard level >= VirtualArrival.since else { return QueuePlace(priority: opening.priority, session: id) }
    return QueuePlace(arrival: keptRouting?.value.arrival ?? usualArrival, session: id)
  }
}

extension Session {
  func encodeRouting(into writer: inout ByteWriter, level: Level) {
    writer.write(UInt8(routing == nil ? 0 : 1))
    guard let routing else { return }
    writer.write(UInt64(bitPattern: routing.arrival))
    writer.writeVarint(routing.policy)
    writer.writeVarint(UInt64(routing.step))
    writer.writeVarint(routing.givenAt)
    writer.write(UInt8(routing.awaitsWords ? 1 : 0))
    writer.write(UInt8(routing.forecast == nil ? 0 : 1))
    if let forecast = routing.forecast {
      writer.writeVarint(forecast.since)
      writer.write(UInt8(forecast.expectation == nil ? 0 : 1))
      if let expectation = forecast.expectation { expectation.encode(into: &writer) }
    }
    writer.writeVarint(UInt64(routing.assignments.count))
    for assignment in routing.assignments { writer.write(bytes: assignment) }
    if level >= Offer.since { routing.offering.encode(into: &writer) }
  }

  mutating func decodeRouting(
    from reader: inout ByteReader, now: UInt64, level: Level
  ) throws(DecodingFailure) {
    guard try Self.readFlag(&reader) else { return }
    var routing = SessionRouting(arrival: Int64(bitPattern: try reader.readUInt64()))
    routing.policy = try reader.readVarint()
    let step = try reader.readVarint()
    guard step <= UInt64(Policy.mostSteps) else {
      throw .invalid("a session has come further than a policy goes")
    }
    routing.step = Int(step)
    routing.givenAt = try reader.readVarint()
    guard routing.givenAt <= now else { throw .invalid("a session was given to an agent in the future") }
    routing.awaitsWords = try Self.readFlag(&reader)
    if try Self.readFlag(&reader) {
      let since = try reader.readVarint()
      guard since <= now else { throw .invalid("a session has come into its line in the future") }
      routing.forecast = SessionRouting.Forecast(
        since: since,
        expectation: try Self.readFlag(&reader) ? try LineForecast.Expectation(from: &reader) : nil)
    }
    for _ in 0..<(try reader.readCount(limit: SessionRouting.mostAssignments, minimumElementSize: 2)) {
      let bytes = try reader.readBytes(limit: .max)
      _ = try AssignmentRecord.fields.decode(bytes)
      routing.assignments.append(bytes)
    }
    if level >= Offer.since { routing.offering = try Offering(from: &reader) }
    self.routing = routing
  }

  private static func readFlag(_ reader: inout ByteReader) throws(DecodingFailure) -> Bool {
    switch try reader.readUInt8() {
    case 0: return false
    case 1: return true
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
  }
}
