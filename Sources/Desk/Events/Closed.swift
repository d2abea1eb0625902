/// The session is over.
package struct Closed: SessionNews {
  package static let number: UInt16 = 104
  package static let name: StaticString = "closed"
  package static let summary = "The session is over."

  package var by: String
  package var reason: String
  package init(by: String, reason: String) { (self.by, self.reason) = (by, reason) }

  package static let fields = Fields(
    Self.init(by:reason:),
    Field(1, "by", { $0.by }, .text(128), "Who has closed it."),
    Field(2, "reason", { $0.reason }, .text(256), "Why, in their words; may be empty."))
}
