package import Kernel

/// Changes what an admin of the cluster decides for a desk.
package struct ConfigureDesk: ClusterOperation {
  package static let number: UInt16 = 129
  package static let since = Level.fourth
  package static let name: StaticString = "configure_desk"
  package static let summary = "Change the limits of a desk, or whether customers may open sessions"
  package static let about = """
    For admins of the cluster. What is not named stays. A limit below what is there takes nothing away: nothing new comes in.
    """
  package static let route: Route? = Route(.post, "/v1/desks/{desk}/configure")
  package static let noun: Noun? = .desk
  package static let verb = "configure"

  package var desk: DeskName
  package var open: Bool?
  package var sessions: UInt32?
  package var agents: UInt32?
  package init(desk: DeskName, open: Bool? = nil, sessions: UInt32? = nil, agents: UInt32? = nil) {
    (self.desk, self.open, self.sessions, self.agents) = (desk, open, sessions, agents)
  }

  package static let fields = Fields(
    Self.init(desk:open:sessions:agents:),
    Field(1, "desk", { $0.desk }, .desk, "Which one."),
    Field(2, "open", { $0.open }, .optional(.flag), "Whether customers may open sessions."),
    Field(
      3, "sessions", { $0.sessions }, .optional(.amount(0...UInt32.max)),
      "Open sessions at the most; 0: no limit."),
    Field(
      4, "agents", { $0.agents }, .optional(.amount(0...UInt32.max)),
      "Agents at the most that it ever knows; 0: no limit."))

  package var auditMatter: AuditMatter {
    let settings = [
      open.map { "open=\($0)" }, sessions.map { "sessions=\($0)" }, agents.map { "agents=\($0)" },
    ]
    return AuditMatter(detail: ([desk.text] + settings.compactMap(\.self)).joined(separator: " "))
  }

  package func apply(to scope: inout ClusterScope) throws(Refusal) {
    guard var settings = scope.state.settings(of: desk), let number = scope.state.number(of: desk) else {
      throw .noSuchDesk
    }
    if let open { settings.isOpen = open }
    if let sessions { settings.sessions = sessions }
    if let agents { settings.agents = agents }
    scope.state.change(number) { $0.settings = settings }
  }
}
