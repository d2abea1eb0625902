package import Kernel

/// A team of its own, with customers, agents and conversations that nobody of another desk sees.
package struct CreateDesk: ClusterOperation {
  package static let number: UInt16 = 128
  package static let since = Level.fourth
  package static let name: StaticString = "create_desk"
  package static let summary = "Create a desk: a team whose conversations nobody else sees"
  package static let about = """
    For admins of the cluster: those whose token names no `desk`. Persons are of the desk that their token names (`desk`), and of \
    `main` when it names none. Creating a desk that is there with these limits is done already.
    """
  package static let route: Route? = Route(.post, "/v1/desks")
  package static let noun: Noun? = .desk
  package static let verb = "create"

  package var desk: DeskName
  package var sessions: UInt32?
  package var agents: UInt32?
  package init(desk: DeskName, sessions: UInt32? = nil, agents: UInt32? = nil) {
    (self.desk, self.sessions, self.agents) = (desk, sessions, agents)
  }

  package static let fields = Fields(
    Self.init(desk:sessions:agents:),
    Field(1, "desk", { $0.desk }, .desk, "Its name: \(DeskName.rule)."),
    Field(
      2, "sessions", { $0.sessions }, .optional(.amount(0...UInt32.max)),
      "Open sessions at the most; 0, and without: no limit."),
    Field(
      3, "agents", { $0.agents }, .optional(.amount(0...UInt32.max)),
      "Agents at the most that it ever knows; 0, and without: no limit."))

  package var auditMatter: AuditMatter {
    AuditMatter(detail: "\(desk) sessions=\(sessions ?? 0) agents=\(agents ?? 0)")
  }

  package func apply(to scope: inout ClusterScope) throws(Refusal) {
    let settings = DeskSettings(desk, sessions: sessions ?? 0, agents: agents ?? 0)
    if let known = scope.state.settings(of: desk) {
      guard known == settings else { throw .deskExists }
      return
    }
    guard let number = scope.state.freeNumber else { throw .tooManyDesks }
    scope.state.put(DeskState(number, settings: settings))
    scope.state.lastNumber = number
  }
}
