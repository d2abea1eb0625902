import NIOCore
import Verifier

/// Customers who say something at fixed times, whatever became of what they said before: so that a stall shows in all
/// that was to be said during it.
class Pace: Crowd, @unchecked Sendable {
  private var said = 0
  private var timer: RepeatedTask?
  private var speakers: Range<Int> = 0..<0
  private var interval: Int64 = 0
  private var nextAt: Int64 = 0
  /// When what is under way was to be said, by its id.
  private(set) var due: [String: Int64] = [:]
  /// When anything was acknowledged last, and the longest time in which nothing was.
  private var lastAck: Int64 = 0
  private var longestGapEnded: Int64 = 0

  /// - Parameter rate: messages a second, of all speakers together, in turn.
  func begin(_ speakers: Range<Int>, rate: Int) {
    self.speakers = speakers
    interval = 1_000_000_000 / Int64(rate)
    nextAt = Crowd.now()
    lastAck = nextAt
    timer = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { [self] _ in
      speak()
    }
  }

  func stop() { timer?.cancel() }

  private func speak() {
    let now = Crowd.now()
    while nextAt <= now {
      let member = members[speakers.lowerBound + said % speakers.count]
      said += 1
      let id = "\(member.number)-\(said)"
      due[id] = nextAt
      // The time is what the listener knows by how long it took.
      if let session = member.session {
        member.send("\(nextAt) " + Messages.body.dropFirst(20), to: session, id: id)
      }
      nextAt += interval
    }
  }

  override func acknowledged(_ member: CrowdMember, id: String) {
    let now = Crowd.now()
    due[id] = nil
    longestGapEnded = max(longestGapEnded, now - lastAck)
    lastAck = now
  }

  /// Up to now: one that has not ended yet counts, too.
  var longestGap: Int64 { max(longestGapEnded, Crowd.now() - lastAck) }

  func forgetGap() {
    longestGapEnded = 0
    lastAck = Crowd.now()
  }
}

/// How long it takes until an agent at another node has what a customer says, by schedule.
final class Delivery: Pace, @unchecked Sendable {
  private var latencies = Latencies()
  private var isMeasuring = false
  private static let customers = 100
  private static let agents = 4

  func run(
    rate: Int, seconds: Double, token: (Int, _ isAgent: Bool) async throws -> String
  ) async throws -> Latencies {
    let (customers, agents) = (Self.customers, Self.agents)
    // Customers at all nodes but the last, where the agents are.
    for number in 0..<customers {
      add(CrowdMember.Role(token: try await token(number, false)), at: number % (urls.count - 1))
    }
    for number in 0..<agents {
      add(
        CrowdMember.Role(token: try await token(number, true), capacity: customers), at: urls.count - 1)
    }
    try await connect(0..<customers + agents)
    try await onLoop { [self] in for member in members[..<customers] { member.open() } }
    try await until("in a session", seconds: 60) { $0.members[..<customers].allSatisfy { $0.session != nil } }
    try await onLoop { [self] in begin(0..<customers, rate: rate) }
    try await Task.sleep(for: .seconds(1))
    try await onLoop { [self] in isMeasuring = true }
    try await Task.sleep(for: .seconds(seconds))
    let found = try await onLoop { [self] in
      stop()
      return latencies
    }
    return found
  }

  override func heard(_ member: CrowdMember, session: String, body: String) {
    guard isMeasuring, let due = body.split(separator: " ").first.flatMap({ Int64($0) }) else { return }
    latencies.add(Crowd.now() - due)
  }
}

/// The leader is killed under a steady load: how long nobody at all gets an acknowledgement.
final class LeaderLoss: Pace, @unchecked Sendable {
  func run(
    rate: Int, kills: Int, on cluster: StagedCluster, token: (Int) async throws -> String
  ) async throws -> Latencies {
    for number in 0..<100 { add(CrowdMember.Role(token: try await token(number)), at: number) }
    try await connect(0..<100)
    try await onLoop { [self] in for member in members { member.open() } }
    try await until("in a session", seconds: 60) { $0.members.allSatisfy { $0.session != nil } }
    try await onLoop { [self] in begin(0..<100, rate: rate) }
    var gaps = Latencies()
    for _ in 0..<kills {
      let leader = try await cluster.leader()
      try await Task.sleep(for: .seconds(1))
      try await onLoop { [self] in forgetGap() }
      cluster.kill(leader)
      try await Task.sleep(for: .seconds(3))
      gaps.add(try await onLoop { [self] in longestGap })
      try await cluster.startAgain(leader)
      try await cluster.awaitWell(seconds: 60)
    }
    try await onLoop { [self] in stop() }
    try await until("answered", seconds: 30) { ($0 as? LeaderLoss)?.due.isEmpty ?? true }
    return gaps
  }
}
