internal import Kernel

/// What routing keeps of an agent. From level 9 on.
struct AgentWork: Hashable, Sendable {
  /// A reply above a day counts as one.
  static let replyLimit: UInt64 = 86_400_000
  static let scale: UInt64 = 16
  /// A reply has this share in the average: 1/8.
  private static let smoothing: UInt64 = 8

  /// When it was last given a chat, in ms since 1970; 0: never.
  var givenAt: UInt64 = 0
  /// A moving average of the time from when a chat was given to the first words, in sixteenths of a ms; nil: none yet.
  private(set) var reply: UInt64?
  var occupancy = Occupancy()
  /// How many sessions that it was asked for it has let pass in a row without a word. From level 10 on.
  var missed: UInt32 = 0

  init() {}

  mutating func recordReply(after milliseconds: UInt64) {
    let taken = min(milliseconds, Self.replyLimit) * Self.scale
    reply = reply.map { $0 - $0 / Self.smoothing + taken / Self.smoothing } ?? taken
  }

  /// In ms; nil: none yet.
  var replyMilliseconds: UInt64? { reply.map { $0 / Self.scale } }

  func encode(into writer: inout ByteWriter, level: Level) {
    writer.writeVarint(givenAt)
    writer.writeVarint(reply.map { $0 + 1 } ?? 0)
    occupancy.encode(into: &writer)
    if level >= Offer.since { writer.writeVarint(UInt64(missed)) }
  }

  /// - Parameters:
  ///   - now: the state's time, which nothing can be above.
  ///   - level: of the snapshot.
  init(from reader: inout ByteReader, now: UInt64, level: Level) throws(DecodingFailure) {
    givenAt = try reader.readVarint()
    guard givenAt <= now else { throw .invalid("an agent was given a chat in the future") }
    let reply = try reader.readVarint()
    guard reply <= Self.replyLimit * Self.scale + 1 else { throw .invalid("an agent's replies take too long") }
    self.reply = reply == 0 ? nil : reply - 1
    occupancy = try Occupancy(from: &reader, now: now)
    guard level >= Offer.since else { return }
    guard let missed = UInt32(exactly: try reader.readVarint()) else {
      throw .invalid("an agent has missed too much")
    }
    self.missed = missed
  }
}
