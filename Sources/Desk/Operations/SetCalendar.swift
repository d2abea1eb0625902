package import Kernel

/// Sets when a desk, or a part of what it does, is open.
package struct SetCalendar: DeskOperation {
  package static let number: UInt16 = 210
  package static let since = Level.ninth
  package static let name: StaticString = "set_calendar"
  package static let frameType: UInt8 = 134
  package static let summary = "Set business hours"
  package static let about = """
    For admins of the desk. Hours are times of day in `zone`, and may end on the next day (`["21:00", "26:00"]`). A date in `days` has \
    its own hours and not those of its weekday: closed (`[]`), or open on a weekend. What clocks do in that place to 2045 is read by the \
    node that is asked, and kept with the calendar.
    """
  package static let allowed = Roles.admin
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/calendars/{calendar}")
  package static let noun: Noun? = .desk

  /// Calendars of a desk.
  package static let most = CalendarTable.most

  package var calendar: String
  package var hours: BusinessHours
  package var expecting: UInt64?

  package init(calendar: String, hours: BusinessHours, expecting: UInt64? = nil) {
    (self.calendar, self.hours, self.expecting) = (calendar, hours, expecting)
  }

  private init(
    calendar: String, zone: String, week: [[OpenSpan]], days: [BusinessHours.SpecialDay], table: ZoneTable?,
    expecting: UInt64?
  ) {
    self.init(
      calendar: calendar, hours: BusinessHours(zone: zone, week: week, days: days, table: table),
      expecting: expecting)
  }

  package static let fields = Fields(
    Self.init(calendar:zone:week:days:table:expecting:),
    Field(1, "calendar", { $0.calendar }, .name(64), "Its name."),
    Field(
      2, "zone", { $0.hours.zone }, .name(64),
      "Where its clock is: a name of the IANA data base, like `Asia/Shanghai`."),
    Field(3, "week", { $0.hours.week }, .week, "Hours of seven days, from Monday on; `[]` is closed."),
    Field(4, "days", { $0.hours.days }, .specialDays.or([]), "Dates that differ, with their hours."),
    Field(5, "zone_data", { $0.hours.table }, .filledIn, "Filled in by the node."),
    Field(
      6, "expecting", { $0.expecting }, .optional(.number),
      "The version that the calendar has to be of now, else nothing is done; 0: there is to be none."))

  package var auditMatter: AuditMatter { AuditMatter(detail: "\(calendar) zone=\(hours.zone)") }

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    guard let table = asker.entitlement.choices.zones.table(of: hours.zone) else {
      throw Failure(
        .badFrame,
        "`zone` is none that this node knows: take a name of the IANA data base, like `Europe/Berlin` or `UTC`."
      )
    }
    var filled = self
    filled.hours.table = table
    return .arrange(DeskRecord(filled, id: asker.requestID), stays: asker.stays)
  }

  package func apply(to scope: inout DeskScope) throws(Refusal) {
    let before = scope.desk.calendars[calendar]
    if let expecting, expecting != before?.version ?? 0 { throw .calendarChanged }
    guard before != nil || scope.desk.calendars.count < CalendarTable.most else { throw .tooManyCalendars }
    scope.desk.calendars.set(hours, for: calendar)
  }
}
