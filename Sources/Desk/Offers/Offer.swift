internal import Kernel

/// That one agent is asked whether it serves a session. Meanwhile the session waits, at its place and in no line, so that nobody else is
/// asked; it takes room of the agent as a chat does. When it ends without a word is a timer of the session. From level 10 on.
struct Offer: Hashable, Sendable {
  static let since = Level.tenth
  /// An agent is asked for so many at once, at the most, however much room it has.
  static let mostOfAgent = 16

  var agent: AgentID
  /// Of the session's offers, from 1. What is said to one that has ended means nothing.
  var number: UInt32
  var rule: RingRule
  /// Why this agent, as `AssignmentRecord.fields` encodes it.
  var record: [UInt8]
}

/// What a session keeps of offers.
struct Offering: Hashable, Sendable {
  /// Of those who let it pass so many are known, the last ones.
  static let mostPassed = 8

  /// How many there were.
  private(set) var count: UInt32 = 0
  private(set) var current: Offer?
  /// Who has declined it, or said nothing: they are asked again where nobody else is free.
  private(set) var passed: [AgentID] = []
  /// How many came to nothing, one behind the other.
  private(set) var futile: UInt32 = 0

  init() {}

  var isEmpty: Bool { self == Offering() }

  mutating func begin(with agent: AgentID, _ rule: RingRule, _ record: [UInt8]) {
    count &+= 1
    current = Offer(agent: agent, number: count, rule: rule, record: record)
  }

  mutating func end() { current = nil }

  /// The agent has let it pass.
  mutating func passes(_ agent: AgentID) {
    current = nil
    futile &+= 1
    passed.removeAll { $0 == agent }
    if passed.count >= Self.mostPassed { passed.removeFirst() }
    passed.append(agent)
  }

  /// It is served, or somebody else is asked for from now on.
  mutating func forget() { (current, passed, futile) = (nil, [], 0) }
}

extension Offering {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(count))
    writer.writeVarint(UInt64(futile))
    writer.writeVarint(UInt64(passed.count))
    for agent in passed { writer.write(string: agent.rawValue) }
    writer.write(UInt8(current == nil ? 0 : 1))
    guard let current else { return }
    writer.write(string: current.agent.rawValue)
    writer.write(bytes: RingRule.fields.encode(current.rule))
    writer.write(bytes: current.record)
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    guard let count = UInt32(exactly: try reader.readVarint()),
      let futile = UInt32(exactly: try reader.readVarint()), futile <= count
    else { throw .invalid("a session has more offers in vain than offers") }
    (self.count, self.futile) = (count, futile)
    for _ in 0..<(try reader.readCount(limit: Self.mostPassed, minimumElementSize: 1)) {
      let agent = AgentID(try reader.readString(limit: .max))
      guard !passed.contains(agent) else { throw .invalid("an agent has let a session pass twice") }
      passed.append(agent)
    }
    switch try reader.readUInt8() {
    case 0: return
    case 1: break
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
    let agent = AgentID(try reader.readString(limit: .max))
    let rule = try RingRule.fields.decode(try reader.readBytes(limit: .max))
    let record = try reader.readBytes(limit: .max)
    _ = try AssignmentRecord.fields.decode(record)
    guard count > 0 else { throw .invalid("a session is offered, and was never") }
    current = Offer(agent: agent, number: count, rule: rule, record: record)
  }
}

extension Session {
  /// Who is asked for it now; nil: nobody.
  var offer: Offer? { keptRouting?.value.offering.current }
  /// Who is asked for it now, and by which number; nil: nobody.
  package var offered: (agent: AgentID, number: UInt32)? { offer.map { ($0.agent, $0.number) } }
  /// It waits in its lines: neither passed over nor offered.
  var isInLine: Bool { state == .queued && !isPassedOver && offer == nil }

  mutating func changeOffering(_ change: (inout Offering) -> Void) {
    var routing = routingOrUsual
    change(&routing.offering)
    self.routing = routing
  }
}
