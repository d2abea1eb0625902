internal import Kernel

/// Lists the policies of the desk.
package struct Policies: DeskQuery, PagedQuery {
  package typealias Answer = PolicyPage

  package static let name: StaticString = "policies"
  package static let frameType: UInt8 = 102
  package static let summary = "The policies by which conversations are given to agents"
  package static let about =
    "Those of one's own desk, the one that was set first first. What none is for goes by `least_connections`."
  package static let allowed = Roles.staff
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/policies")
  package static let noun: Noun? = .desk
  package static let verb = "policies"

  /// Of one answer: each may be some ten KiB.
  package static let most = 16

  package var after: PolicyVersion?
  package var limit: Int
  package init(after: PolicyVersion? = nil, limit: Int = most) { (self.after, self.limit) = (after, limit) }

  package static let fields = Fields(
    Self.init(after:limit:),
    Field(1, "after", { $0.after }, .optional(.policyVersion), "Those that were set after this version."),
    Field(
      2, "limit", { $0.limit }, .count(upTo: most).or(most, isSaid: true),
      "How many at the most, up to \(most)."))

  package func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure) -> PolicyPage
  {
    let all = desk.policies.list.filter { $0.version > after?.number ?? 0 }.sorted { $0.version < $1.version }
    reader.look(at: desk.policies.count)
    return PolicyPage(policies: all.prefix(limit).map { PolicyPage.Line($0) }, more: all.count > limit)
  }

  package static let placeField: StaticString = "after"
  package static let listField: StaticString = "policies"
  package var place: PolicyVersion? {
    get { after }
    set { after = newValue }
  }
  // One that is set anew meanwhile has a higher version: nobody misses it.
  package func place(behind answer: PolicyPage) -> PolicyVersion? {
    answer.more ? answer.policies.last.map { PolicyVersion(number: $0.version) } : nil
  }
}

/// A part of a desk's policies, by their versions.
package struct PolicyPage: AnswerRecord, Hashable {
  package static let name: StaticString = "policies"
  package static let frameType: UInt8 = 220

  package struct Line: Hashable, Sendable {
    package var channel: String
    package var intent: String
    package var version: UInt64
    package var time: UInt64
    package var policy: Policy

    init(_ kept: KeptPolicy) {
      self.init(
        channel: kept.key.channel.text, intent: kept.key.intent.text, version: kept.version, time: kept.setAt,
        policy: kept.policy)
    }

    init(channel: String, intent: String, version: UInt64, time: UInt64, policy: Policy) {
      (self.channel, self.intent, self.version) = (channel, intent, version)
      (self.time, self.policy) = (time, policy)
    }

    package static let fields = Fields(
      Self.init(channel:intent:version:time:policy:),
      Field(1, "channel", { $0.channel }, .text(64), "Of which channel; `*`: of any."),
      Field(2, "intent", { $0.intent }, .text(64), "Of which intent; `*`: of any."),
      Field(3, "version", { $0.version }, .number, "For `expecting` of whoever changes it."),
      Field(4, "time", { $0.time }, .time, "When it was set, in ms since 1970."),
      Field(5, "policy", { $0.policy }, .policy, "The document."))
  }

  package var policies: [Line]
  /// There are others behind them.
  package var more: Bool
  package init(policies: [Line], more: Bool) { (self.policies, self.more) = (policies, more) }

  package static let fields = Fields(
    Self.init(policies:more:),
    Field(
      1, "policies", { $0.policies }, .list(of: .record(Line.fields), upTo: Policies.most), "By version."),
    Field(2, "more", { $0.more }, .flag, "Whether there are others behind them."))
}

/// A place in that list.
package struct PolicyVersion: Hashable, Sendable, PagePlace {
  package var number: UInt64
  package init(number: UInt64) { self.number = number }

  package var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) } }

  package init?(bytes: [UInt8]) {
    guard bytes.count == 8 else { return nil }
    self.init(number: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension FieldType where Value == PolicyVersion {
  static var policyVersion: Self {
    let number = FieldType<UInt64>.number
    return FieldType(
      schema: number.schema, spelling: .json,
      read: { (value, text) throws(FieldFault) in PolicyVersion(number: try number.read(value, text)) },
      write: { $1.write(decimal: $0.number) }, form: .numbered({ $0.number }, { PolicyVersion(number: $0) }),
      check: { $0 }, sample: { PolicyVersion(number: number.sample(&$0)) })
  }
}
