internal import Kernel

/// Somebody of the session is connected now, or no longer.
package struct PresenceTold: SessionNews {
  package static let number: UInt16 = 107
  package static let name: StaticString = "presence"
  package static let summary = "Somebody of the session is connected on some node now, or no longer."

  package var user: String
  package var shown: String
  package var role: UserRole
  package var online: Bool
  package init(user: String, shown: String, role: UserRole, online: Bool) {
    (self.user, self.shown, self.role, self.online) = (user, shown, role, online)
  }

  package static let fields = Fields(
    Self.init(user:shown:role:online:),
    Field(1, "user", { $0.user }, .text(128), "Who."),
    Field(2, "name", { $0.shown }, .text(256), "That one's name."),
    Field(3, "role", { $0.role }, .role, "What they are."),
    Field(4, "online", { $0.online }, .flag, "Whether they are connected."))
}

extension FieldType where Value == UserRole {
  package static var role: Self { .named(UserRole.allCases, { $0.name }, number: { $0.rawValue }) }
}
