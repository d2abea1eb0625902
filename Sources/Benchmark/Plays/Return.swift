import Verifier

/// Thousands are in a session, a third of them at a node that is killed. They are back when each of them has what its
/// agent said while it was away: connected, resumed, and nothing missed.
final class Return: Crowd, @unchecked Sendable {
  private static let agents = 4
  private var killedAt: Int64 = 0
  private var isAway: [Bool] = []
  private var isConnected: [Bool] = []
  private var isWaiting: [Bool] = []
  private var waiting = 0
  private var away = 0
  private var allBack: Int64 = 0
  private var allHeard: Int64 = 0
  private var agentOf: [String: CrowdMember] = [:]
  private var customers = 0

  struct Result: Sendable {
    /// How many were at the node that was killed.
    var away: Int
    var connectedAfterSeconds: Double
    var resumedAfterSeconds: Double
  }

  /// - Parameter clients: at all nodes in turn.
  func run(
    clients: Int, on cluster: StagedCluster, token: (Int, _ isAgent: Bool) async throws -> String
  ) async throws -> Result {
    customers = clients
    let victim = try await cluster.leader()
    for number in 0..<clients { add(CrowdMember.Role(token: try await token(number, false)), at: number) }
    for number in 0..<Self.agents {
      add(
        CrowdMember.Role(token: try await token(number, true), capacity: clients),
        at: victim + 1 + number % (urls.count - 1))
    }
    isAway = Array(repeating: false, count: members.count)
    isWaiting = isAway
    isConnected = isAway
    try await connect(0..<members.count)
    // In small groups, as people come.
    for start in stride(from: 0, to: clients, by: 500) {
      let group = start..<min(start + 500, clients)
      try await onLoop { [self] in for member in members[group] { member.open() } }
      try await until("in a session", seconds: 60) { $0.members[group].allSatisfy { $0.session != nil } }
    }
    try await until("with an agent", seconds: 120) { ($0 as? Return)?.areServed ?? true }
    try await onLoop { [self] in kill(victim, cluster) }
    try await until("back", seconds: 120) {
      ($0 as? Return).map { $0.away == 0 && $0.waiting == 0 } ?? true
    }
    let result = try await onLoop { [self] in
      Result(
        away: isAway.count { $0 }, connectedAfterSeconds: Double(allBack - killedAt) / 1e9,
        resumedAfterSeconds: Double(allHeard - killedAt) / 1e9)
    }
    try await cluster.startAgain(victim)
    try await cluster.awaitWell(seconds: 60)
    return result
  }

  private var areServed: Bool {
    members[..<customers].allSatisfy { $0.session.map { agentOf[$0] != nil } ?? false }
  }

  private func kill(_ victim: Int, _ cluster: StagedCluster) {
    killedAt = Crowd.now()
    for member in members[..<customers] where member.place == victim {
      isAway[member.number] = true
      isWaiting[member.number] = true
      away += 1
      waiting += 1
    }
    cluster.kill(victim)
    for member in members[..<customers] where isAway[member.number] {
      guard let session = member.session else { continue }
      agentOf[session]?.send("are you there", to: session, id: "r\(member.number)")
    }
  }

  override func ready(_ member: CrowdMember) {
    // Whoever loses its connection once more is not counted again.
    guard isAway[member.number], !isConnected[member.number] else { return }
    isConnected[member.number] = true
    away -= 1
    if away == 0 { allBack = Crowd.now() }
  }

  override func assigned(_ member: CrowdMember, session: String) { agentOf[session] = member }

  override func heard(_ member: CrowdMember, session: String, body: String) {
    guard member.number < customers, isWaiting[member.number], body == "are you there" else { return }
    isWaiting[member.number] = false
    waiting -= 1
    if waiting == 0 { allHeard = Crowd.now() }
  }
}
