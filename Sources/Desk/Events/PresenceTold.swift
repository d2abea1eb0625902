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
  package static var role: Self {
    let names = UserRole.allCases.map(\.name)
    return FieldType(
      schema: #""type": "string", "enum": [\#(names.map(\.quotedJSON).joined(separator: ", "))]"#,
      spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let name = value.string(in: text), let role = UserRole(name: name) else {
          throw .malformed("must be one of \(names.joined(separator: ", "))")
        }
        return role
      },
      write: { $1.write(json: $0.name) },
      form: .numbered(
        { $0.rawValue }, { UserRole(rawValue: $0) },
        name: BinaryForm<UserRole>.names(UserRole.allCases) { ($0.rawValue, $0.name) }),
      check: { $0 },
      sample: { UserRole.allCases[Int($0.next() % UInt64(UserRole.allCases.count))] })
  }
}
