internal import Kernel

/// Whether a calendar is open now.
package struct Hours: DeskQuery {
  package typealias Answer = HoursNow

  package static let name: StaticString = "hours"
  package static let frameType: UInt8 = 137
  package static let summary = "Whether it is open now, and when that changes"
  package static let about =
    "Of a calendar of the desk. For everybody: a site shows its customers what it says."
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/calendars/{calendar}/hours")
  package static let noun: Noun? = .desk

  package var calendar: String
  package init(calendar: String) { self.calendar = calendar }

  package static let fields = Fields(
    Self.init(calendar:), Field(1, "calendar", { $0.calendar }, .name(64), "Its name."))

  package func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure) -> HoursNow {
    guard let kept = desk.calendars[calendar] else {
      throw Failure(.notFound, "there is no such calendar")
    }
    // A year of days is looked through at the most.
    reader.look(at: BusinessHours.horizon)
    return HoursNow(
      open: kept.hours.isOpen(at: desk.now), time: desk.now, next: kept.hours.nextChange(after: desk.now))
  }
}

package struct HoursNow: AnswerRecord, Hashable {
  package static let name: StaticString = "hours"
  package static let frameType: UInt8 = 225

  package var open: Bool
  package var time: UInt64
  package var next: UInt64?
  package init(open: Bool, time: UInt64, next: UInt64?) {
    (self.open, self.time, self.next) = (open, time, next)
  }

  package static let fields = Fields(
    Self.init(open:time:next:),
    Field(1, "open", { $0.open }, .flag, "Whether it is open."),
    Field(2, "time", { $0.time }, .time, "The cluster's time for which that is said, in ms since 1970."),
    Field(
      3, "next", { $0.next }, .optional(.time),
      "When it closes or opens next, in ms since 1970; left out where that is more than \(BusinessHours.horizon) days away."
    ))
}
