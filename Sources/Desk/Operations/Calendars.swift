internal import Kernel

/// Lists the business hours of a desk.
package struct Calendars: DeskQuery, PagedQuery {
  package typealias Answer = CalendarList

  package static let name: StaticString = "calendars"
  package static let frameType: UInt8 = 136
  package static let summary = "The business hours of the desk"
  package static let about = "By name."
  package static let allowed = Roles.staff
  package static let audit = AuditRule.never
  package static let route: Route? = Route(.get, "/v1/calendars")
  package static let noun: Noun? = .desk
  package static let verb = "calendars"

  /// Of one answer: each may be some 50 KiB.
  package static let most = 8

  package var after: CalendarName?
  package var limit: Int
  package init(after: CalendarName? = nil, limit: Int = most) { (self.after, self.limit) = (after, limit) }

  package static let fields = Fields(
    Self.init(after:limit:),
    Field(1, "after", { $0.after }, .optional(.calendarName), "Those behind this name."),
    Field(
      2, "limit", { $0.limit }, .count(upTo: most).or(most, isSaid: true),
      "How many at the most, up to \(most)."))

  package func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure)
    -> CalendarList
  {
    let all = desk.calendars.list.filter { kept in after.map { TextKey($0.text) < kept.name } ?? true }
    reader.look(at: desk.calendars.count)
    return CalendarList(calendars: all.prefix(limit).map { CalendarList.Line($0) }, more: all.count > limit)
  }

  package static let placeField: StaticString = "after"
  package static let listField: StaticString = "calendars"
  package var place: CalendarName? {
    get { after }
    set { after = newValue }
  }
  package func place(behind answer: CalendarList) -> CalendarName? {
    answer.more ? answer.calendars.last.map { CalendarName(text: $0.calendar) } : nil
  }
}

/// A place in that list.
package struct CalendarName: Hashable, Sendable, PagePlace {
  package var text: String
  package init(text: String) { self.text = text }
  package var bytes: [UInt8] { Array(text.utf8) }
  package init?(bytes: [UInt8]) { self.init(text: String(decoding: bytes, as: UTF8.self)) }

  package static func == (left: CalendarName, right: CalendarName) -> Bool {
    left.text.hasSameBytes(as: right.text)
  }
  package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}

extension FieldType where Value == CalendarName {
  static var calendarName: Self {
    let name = FieldType<String>.name(64)
    return FieldType(
      schema: name.schema, spelling: .text,
      read: { (value, text) throws(FieldFault) in CalendarName(text: try name.read(value, text)) },
      write: { name.write($0.text, &$1) },
      form: BinaryForm(
        name.form.name, encode: { name.form.encode($0.text, &$1) },
        decode: { (reader) throws(DecodingFailure) in CalendarName(text: try name.form.decode(&reader)) }),
      hear: { (reader) throws(FieldFault) in CalendarName(text: try name.hear(&reader)) },
      sample: { CalendarName(text: name.sample(&$0)) })
  }
}

/// A part of a desk's calendars, by name.

package struct CalendarList: AnswerRecord, Hashable {
  package static let name: StaticString = "calendars"
  package static let frameType: UInt8 = 224

  package struct Line: Hashable, Sendable {
    package var calendar: String
    package var version: UInt64
    package var zone: String
    package var zoneData: String
    package var week: [[OpenSpan]]
    package var days: [BusinessHours.SpecialDay]

    init(_ kept: CalendarTable.Kept) {
      let hours = kept.hours
      self.init(
        calendar: kept.name.text, version: kept.version, zone: hours.zone, zoneData: hours.table?.version ?? "",
        week: hours.week, days: hours.days)
    }

    init(
      calendar: String, version: UInt64, zone: String, zoneData: String, week: [[OpenSpan]],
      days: [BusinessHours.SpecialDay]
    ) {
      (self.calendar, self.version, self.zone, self.zoneData) = (calendar, version, zone, zoneData)
      (self.week, self.days) = (week, days)
    }

    package static let fields = Fields(
      Self.init(calendar:version:zone:zoneData:week:days:),
      Field(1, "calendar", { $0.calendar }, .text(64), "Its name."),
      Field(2, "version", { $0.version }, .number, "For `expecting` of whoever changes it."),
      Field(3, "zone", { $0.zone }, .text(64), "Where its clock is."),
      Field(4, "zone_data", { $0.zoneData }, .text(32), "The version of the zone data that it was made with."),
      Field(5, "week", { $0.week }, .week, "Hours of seven days, from Monday on."),
      Field(6, "days", { $0.days }, .specialDays, "Dates that differ, with their hours."))
  }

  package var calendars: [Line]
  /// There are others behind them.
  package var more: Bool
  package init(calendars: [Line], more: Bool) { (self.calendars, self.more) = (calendars, more) }

  package static let fields = Fields(
    Self.init(calendars:more:),
    Field(
      1, "calendars", { $0.calendars }, .list(of: .record(Line.fields), upTo: Calendars.most), "By name."),
    Field(2, "more", { $0.more }, .flag, "Whether there are others behind them."))
}
