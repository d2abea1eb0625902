package import Kernel

/// Deletes business hours.
package struct DeleteCalendar: DeskOperation {
  package static let number: UInt16 = 211
  package static let since = Level.ninth
  package static let name: StaticString = "delete_calendar"
  package static let frameType: UInt8 = 135
  package static let summary = "Delete business hours"
  package static let about = "For admins of the desk. One that is not there is deleted already."
  package static let allowed = Roles.admin
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/calendars/{calendar}/delete")
  package static let noun: Noun? = .desk

  package var calendar: String
  package init(calendar: String) { self.calendar = calendar }

  package static let fields = Fields(
    Self.init(calendar:), Field(1, "calendar", { $0.calendar }, .name(64), "Its name."))

  package var auditMatter: AuditMatter { AuditMatter(detail: calendar) }

  package func apply(to scope: inout DeskScope) throws(Refusal) { scope.desk.calendars.remove(calendar) }
}
