package import Kernel

/// What closed conversations come to, added up. What one adds follows from its row in the archive alone, so that sums can be
/// made again of the rows at any time, and what was added can be taken out.
package struct ReportSums: Hashable, Sendable {
  package private(set) var conversations: Int64 = 0
  /// Their customer left before anybody served.
  package private(set) var abandoned: Int64 = 0
  package private(set) var messages: Int64 = 0
  /// Of sessions that count them: see `SessionFigures`.
  package private(set) var customerMessages: Int64 = 0
  package private(set) var staffMessages: Int64 = 0
  package private(set) var transfers: Int64 = 0
  package private(set) var releases: Int64 = 0
  package private(set) var ratings: Int64 = 0
  /// Of all scores.
  package private(set) var ratingSum: Int64 = 0
  /// From the opening until somebody served.
  package private(set) var wait = DurationSums()
  /// From the first assignment until staff said something.
  package private(set) var firstResponse = DurationSums()
  /// From the first assignment to the end.
  package private(set) var handling = DurationSums()
  /// From the opening to the end.
  package private(set) var resolution = DurationSums()

  package init() {}

  private static let counts: [any WritableKeyPath<ReportSums, Int64> & Sendable] = [
    \.conversations, \.abandoned, \.messages, \.customerMessages, \.staffMessages, \.transfers, \.releases,
    \.ratings, \.ratingSum,
  ]
  private static let durations: [any WritableKeyPath<ReportSums, DurationSums> & Sendable] = [
    \.wait, \.firstResponse, \.handling, \.resolution,
  ]

  package var isZero: Bool {
    Self.counts.allSatisfy { self[keyPath: $0] == 0 } && Self.durations.allSatisfy { self[keyPath: $0].isZero }
  }
  /// More was taken out than was added.
  package var isBelowZero: Bool {
    Self.counts.contains { self[keyPath: $0] < 0 }
      || Self.durations.contains { self[keyPath: $0].isBelowZero }
  }

  /// - Parameter sign: 1, or -1 to take them out.
  package mutating func add(_ other: ReportSums, sign: Int64 = 1) {
    for count in Self.counts { self[keyPath: count] += sign * other[keyPath: count] }
    for duration in Self.durations { self[keyPath: duration].add(other[keyPath: duration], sign: sign) }
  }

  /// Of the form below. A new one gets a new number, and this one is still read.
  private static let form: UInt8 = 1

  /// What is to be written is not below zero.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.form)
    for count in Self.counts { writer.writeVarint(UInt64(clamping: self[keyPath: count])) }
    for duration in Self.durations { self[keyPath: duration].encode(into: &writer) }
    return writer.bytes
  }

  /// - Throws: `DecodingFailure` for bytes that `encoded` has not made.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    guard try reader.readUInt8() == Self.form else {
      throw .invalid("sums are of a form that is not known here")
    }
    for count in Self.counts {
      guard let number = Int64(exactly: try reader.readVarint()) else { throw .invalid("a sum is too large") }
      self[keyPath: count] = number
    }
    for duration in Self.durations { self[keyPath: duration] = try DurationSums(from: &reader) }
    guard reader.isAtEnd else { throw .invalid("sums have the wrong length") }
  }
}

/// Whose sums of one day they are. Names are bytes.
package struct ReportKey: Hashable, Comparable, Sendable {
  package var agent: TextKey
  package var skill: TextKey
  package var channel: TextKey
  package init(agent: String, skill: String, channel: String) {
    (self.agent, self.skill, self.channel) = (TextKey(agent), TextKey(skill), TextKey(channel))
  }

  package static func < (left: ReportKey, right: ReportKey) -> Bool {
    if left.agent != right.agent { return left.agent < right.agent }
    return left.skill != right.skill ? left.skill < right.skill : left.channel < right.channel
  }
}

/// A day, UTC, counted since 1970.
package typealias ReportDay = UInt32

extension ArchivedSession {
  /// The day on which it was closed: all that it adds is of that day.
  package var reportDay: ReportDay { ReportDay(clamping: closedAt / 86_400_000) }

  /// What it adds to whom: most of it to whoever served last (nobody: ""), the first response to the one who gave it, and the
  /// rating to the one who served when it was given.
  package var reportSums: [(key: ReportKey, sums: ReportSums)] {
    let last = agents.first ?? ""
    var list = [(key: key(of: last), sums: ReportSums.conversation(self))]
    func add(_ agent: String, _ change: (inout ReportSums) -> Void) {
      let key = key(of: agent)
      if let place = list.firstIndex(where: { $0.key == key }) { return change(&list[place].sums) }
      var sums = ReportSums()
      change(&sums)
      list.append((key, sums))
    }
    if let assignedAt, let answeredAt, let answeredBy {
      add(answeredBy) { $0.add(firstResponse: Self.milliseconds(assignedAt, answeredAt)) }
    }
    if let rating { add(ratedAt == nil ? last : ratedAgent ?? "") { $0.add(rating: rating) } }
    return list
  }

  private func key(of agent: String) -> ReportKey { ReportKey(agent: agent, skill: skill, channel: channel) }

  /// Its customer has left the line: nobody served then.
  var isAbandoned: Bool {
    agents.isEmpty
      && (closedBy.hasSameBytes(as: customer)
        || closedBy.isEmpty && reason.hasSameBytes(as: DeskState.leftTheLine))
  }

  fileprivate static func milliseconds(_ from: UInt64, _ to: UInt64) -> UInt64 { to > from ? to - from : 0 }
}

extension ReportSums {
  fileprivate static func conversation(_ session: ArchivedSession) -> ReportSums {
    var sums = ReportSums()
    sums.conversations = 1
    sums.abandoned = session.isAbandoned ? 1 : 0
    sums.messages = Int64(clamping: session.messages)
    sums.customerMessages = Int64(clamping: session.customerMessages ?? 0)
    sums.staffMessages = Int64(clamping: session.staffMessages ?? 0)
    sums.transfers = Int64(clamping: session.transfers ?? 0)
    sums.releases = Int64(clamping: session.releases ?? 0)
    if let assigned = session.assignedAt {
      sums.wait.add(ArchivedSession.milliseconds(session.openedAt, assigned))
      sums.handling.add(ArchivedSession.milliseconds(assigned, session.closedAt))
    }
    sums.resolution.add(ArchivedSession.milliseconds(session.openedAt, session.closedAt))
    return sums
  }

  fileprivate mutating func add(firstResponse milliseconds: UInt64) { firstResponse.add(milliseconds) }

  fileprivate mutating func add(rating: UInt32) {
    ratings += 1
    ratingSum += Int64(rating)
  }
}
