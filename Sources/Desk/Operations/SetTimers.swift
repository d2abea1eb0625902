package import Kernel

/// Sets what a desk does when nothing has happened for a while.
package struct SetTimers: DeskOperation {
  package static let number: UInt16 = 220
  package static let since = Level.ninth
  package static let name: StaticString = "set_timers"
  package static let frameType: UInt8 = 140
  package static let summary = "Set what happens when nothing happens"
  package static let about = """
    For admins of the desk. All rules are set at once: one that is left out, or 0, is off. A rule concerns what begins after it was set.
    """
  package static let allowed = Roles.admin
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/timers")
  package static let noun: Noun? = .desk

  package var rules: TimerRules
  package var expecting: UInt64?
  package init(_ rules: TimerRules, expecting: UInt64? = nil) {
    (self.rules, self.expecting) = (rules, expecting)
  }

  private init(
    queueLimit: UInt32, noReply: UInt32, remind: UInt32, remindText: String, idleClose: UInt32,
    expecting: UInt64?
  ) {
    self.init(
      TimerRules(
        queueLimit: queueLimit, noReply: noReply, remind: remind, remindText: remindText, idleClose: idleClose),
      expecting: expecting)
  }

  package static let fields = Fields(
    Self.init(queueLimit:noReply:remind:remindText:idleClose:expecting:),
    Field(
      1, "queue_limit_ms", { $0.rules.queueLimit }, .delay,
      "A session that has waited for so long without an agent is closed."),
    Field(
      2, "no_reply_ms", { $0.rules.noReply }, .delay,
      "An agent who was given a chat and says nothing for so long loses it: it goes to others, or comes back where there are none."
    ),
    Field(
      3, "remind_ms", { $0.rules.remind }, .delay,
      "A customer who has said nothing for so long since an agent has spoken is reminded, once."),
    Field(
      4, "remind_text", { $0.rules.remindText }, .text(TimerRules.mostText).or(""),
      "What the desk says then; needed where `remind_ms` is."),
    Field(
      5, "idle_close_ms", { $0.rules.idleClose }, .delay,
      "A session whose customer has said nothing for so long since an agent has spoken is closed."),
    Field(
      6, "expecting", { $0.expecting }, .optional(.number),
      "The version that the rules have to be of now, else nothing is done; 0: nobody has set any."))

  package func check() throws(Failure) {
    for (name, delay) in [
      ("queue_limit_ms", rules.queueLimit), ("no_reply_ms", rules.noReply), ("remind_ms", rules.remind),
      ("idle_close_ms", rules.idleClose),
    ] where delay > 0 && delay < TimerRules.least {
      throw Failure(.badFrame, "`\(name)` must be 0, or \(TimerRules.least) at the least.")
    }
    if rules.remind > 0, rules.remindText.isEmpty {
      throw Failure(.badFrame, "`remind_ms` needs a `remind_text`.")
    }
    if rules.remind > 0, rules.idleClose > 0, rules.remind >= rules.idleClose {
      throw Failure(.badFrame, "`remind_ms` must be below `idle_close_ms`: a reminder comes before the end.")
    }
  }

  package var auditMatter: AuditMatter {
    AuditMatter(
      detail:
        "queue_limit_ms=\(rules.queueLimit) no_reply_ms=\(rules.noReply) remind_ms=\(rules.remind) idle_close_ms=\(rules.idleClose)"
    )
  }

  package func apply(to scope: inout DeskScope) throws(Refusal) {
    if let expecting, expecting != scope.desk.timerRules.version { throw .timersChanged }
    scope.desk.timerRules.set(rules)
  }
}

extension FieldType where Value == UInt32 {
  /// A time in ms; 0, and left out then: none.
  fileprivate static var delay: Self { .amount(upTo: TimerRules.most).or(0) }
}
