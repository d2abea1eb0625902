import Desk
import Kernel
import Testing

/// Several desks of one state.
extension Desk {
  static let admin = Person(id: "root", role: .admin, name: "Root")

  static func name(_ text: String) -> DeskName {
    guard let name = DeskName(text) else { preconditionFailure("\(text) is no name of a desk") }
    return name
  }

  /// - Returns: the answer.
  @discardableResult
  mutating func govern<One: ClusterOperation>(
    _ operation: One, id: String = "", by person: Person = admin,
    location: SourceLocation = #_sourceLocation
  ) -> Answer? {
    let id = id.isEmpty ? "g\(index)" : id
    return apply(.govern(ClusterEnvelope(operation, id: id, by: person)), location: location).answer
  }

  /// Creates a desk.
  mutating func create(_ name: String, location: SourceLocation = #_sourceLocation) -> DeskNumber {
    raise(.fourth)
    #expect(govern(CreateDesk(desk: Self.name(name))) == .done, sourceLocation: location)
    return state.number(of: Self.name(name)) ?? .main
  }

  @discardableResult
  mutating func open(
    _ customer: String = "alice", in desk: DeskNumber, request: String = "r1", skill: String = "",
    location: SourceLocation = #_sourceLocation
  ) -> Answer? {
    var open = OpenSession.by(customer, request: request, skill: skill, priority: 0, owner: Self.one)
    open.desk = desk
    return apply(.open(open), location: location).answer
  }

  @discardableResult
  mutating func status(
    _ agent: String, _ status: AgentStatus = .online, in desk: DeskNumber, capacity: UInt32 = 10,
    server: ServerID = one, grace: UInt64? = nil, location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    apply(
      .setStatus(
        SetAgentStatus(
          agent: AgentID(agent), name: agent, status: status, skills: nil, capacity: capacity,
          presence: Presence(server: server, connection: 1), grace: grace, desk: desk)), location: location)
  }
}

extension Answer? {
  var session: SessionID? {
    if case .opened(let session, _)? = self { session } else { nil }
  }
}
