internal import Kernel

/// Says what the desk does when nothing happens.
package struct Timers: DeskQuery {
  package typealias Answer = TimersNow

  package static let name: StaticString = "timers"
  package static let frameType: UInt8 = 141
  package static let summary = "What happens in the desk when nothing happens"
  package static let about = "As `set_timers` has set it; 0 is off."
  package static let allowed = Roles.staff
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/timers")
  package static let noun: Noun? = .desk

  package init() {}
  package static let fields = Fields({ Timers() })

  package func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure) -> TimersNow {
    let kept = desk.timerRules
    reader.look(at: 1)
    return TimersNow(rules: kept.rules, version: kept.version, armed: desk.timerDeadlines.count)
  }
}

package struct TimersNow: AnswerRecord, Hashable {
  package static let name: StaticString = "timers"
  package static let frameType: UInt8 = 226

  package var rules: TimerRules
  package var version: UInt64
  package var armed: Int
  package init(rules: TimerRules, version: UInt64, armed: Int) {
    (self.rules, self.version, self.armed) = (rules, version, armed)
  }

  private init(
    version: UInt64, queueLimit: UInt32, noReply: UInt32, remind: UInt32, remindText: String, idleClose: UInt32,
    armed: UInt64
  ) {
    self.init(
      rules: TimerRules(
        queueLimit: queueLimit, noReply: noReply, remind: remind, remindText: remindText, idleClose: idleClose),
      version: version, armed: Int(clamping: armed))
  }

  package static let fields = Fields(
    Self.init(version:queueLimit:noReply:remind:remindText:idleClose:armed:),
    Field(
      1, "version", { $0.version }, .number, "For `expecting` of whoever changes them; 0: nobody has set any."),
    Field(
      2, "queue_limit_ms", { $0.rules.queueLimit }, .amount(upTo: .max),
      "Waiting without an agent, until closed."),
    Field(
      3, "no_reply_ms", { $0.rules.noReply }, .amount(upTo: .max),
      "An agent's silence, until the chat is taken away."),
    Field(4, "remind_ms", { $0.rules.remind }, .amount(upTo: .max), "A customer's silence, until reminded."),
    Field(5, "remind_text", { $0.rules.remindText }, .text(TimerRules.mostText), "What the desk says then."),
    Field(
      6, "idle_close_ms", { $0.rules.idleClose }, .amount(upTo: .max), "A customer's silence, until closed."),
    Field(7, "armed", { UInt64($0.armed) }, .number, "Timers that run now in the desk."))
}
