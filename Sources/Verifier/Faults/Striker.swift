import Foundation
import NIOCore
import NIOHTTP1

/// Carries out one fault after the other, and mends each.
struct Striker: Sendable {
  struct Failure: Error, CustomStringConvertible {
    var description: String
    /// The cluster cannot do it at all: it is not tried again.
    var isForGood = false
    /// Done, but the cluster has not done its part: that is a violation, too.
    var isBroken = false
  }

  let fleet: NodeFleet
  let watch: ClusterWatch
  let requests: NodeRequests
  let network: any NodeNetwork
  let visitors: Visitors

  /// - Parameter naming: told whom it is done to, as soon as that is known.
  /// - Returns: what should have come about meanwhile, and did not.
  func strike(
    _ choice: FaultPlan.Choice, naming: @Sendable ([String]) -> Void
  ) async throws -> [Violation] {
    let hold = Duration.milliseconds(choice.hold)
    guard let leader = await watch.leader() else { throw Failure(description: "nobody leads") }
    let all = fleet.nodes.map(\.name)
    let followers = all.filter { $0 != leader }
    guard !followers.isEmpty else { throw Failure(description: "there is only one node", isForGood: true) }
    let follower = followers[choice.pick % followers.count]
    let any = all[choice.pick % all.count]
    switch choice.kind {
    case .killLeader: try await kill([leader], hold, naming)
    case .killFollower: try await kill([follower], hold, naming)
    case .killBusiest: try await kill([await watch.busiest() ?? any], hold, naming)
    case .killTwo: try await kill(all.filter { $0 != any }, hold, naming)
    case .killAll: try await kill(all, hold, naming)
    case .freezeLeader: await freeze(leader, hold, naming)
    case .freezeFollower: await freeze(follower, hold, naming)
    case .stutter: await stutter(any, choice.hold, naming)
    case .restart: try await restart(any, naming)
    case .isolateLeader, .isolateFollower, .cutPair, .deafLeader, .deafFollower, .muteLeader, .muteFollower,
      .lossyNetwork:
      guard let obstruction = Obstruction(choice, leader: leader, followers: followers) else { return [] }
      try await obstruct(obstruction, hold, naming)
    case .clockJump: try await jumpClock(of: choice.pick % 4 < 2 ? leader : any, choice, naming)
    case .slowDisk: try await slowDisk(of: any, choice, naming)
    case .fullDisk: try await fillDisk(of: any, choice, naming)
    case .fullDiskLeader: return try await fillLeadersDisk(leader, choice, naming)
    case .slowDiskSnapshots: return try await lagBehindSnapshots(follower, choice, naming)
    case .largeOpens:
      naming([])
      return try await LargeOpens(visitors: visitors).run()
    case .crowd: return try await crowd(any, choice, naming)
    case .descriptors: return try await exhaust(any, choice, naming)
    case .transfer: try await transfer(to: follower, naming)
    case .drain: try await drain(any, hold, naming)
    case .wipe: try await wipe(follower, hold, naming)
    case .replace: try await replace(any, naming)
    }
    return []
  }

  // MARK: Processes

  private func kill(_ names: [String], _ hold: Duration, _ naming: ([String]) -> Void) async throws {
    naming(names)
    for name in names { fleet.signal(name, SIGKILL) }
    for name in names where !(await fleet.awaitEnd(name, seconds: 10)) {
      throw Failure(description: "\(name) does not end after SIGKILL")
    }
    try? await Task.sleep(for: hold)
    for name in names { try fleet.start(name) }
  }

  private func freeze(_ name: String, _ hold: Duration, _ naming: ([String]) -> Void) async {
    naming([name])
    fleet.signal(name, SIGSTOP)
    try? await Task.sleep(for: hold)
    fleet.signal(name, SIGCONT)
  }

  private func stutter(_ name: String, _ milliseconds: Int, _ naming: ([String]) -> Void) async {
    naming([name])
    for _ in 0..<milliseconds / 100 {
      fleet.signal(name, SIGSTOP)
      try? await Task.sleep(for: .milliseconds(50))
      fleet.signal(name, SIGCONT)
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  private func restart(_ name: String, _ naming: ([String]) -> Void) async throws {
    naming([name])
    fleet.signal(name, SIGTERM)
    let hasEnded = await fleet.awaitEnd(name, seconds: 20)
    if !hasEnded {
      fleet.signal(name, SIGKILL)
      _ = await fleet.awaitEnd(name, seconds: 10)
    }
    try fleet.start(name)
    if !hasEnded {
      throw Failure(description: "\(name) did not end within 20 s of SIGTERM and was killed", isBroken: true)
    }
  }

  /// Only one node's data at a time, and only when all others are well: what a majority has is never lost.
  private func wipe(_ name: String, _ hold: Duration, _ naming: ([String]) -> Void) async throws {
    naming([name])
    fleet.signal(name, SIGKILL)
    guard await fleet.awaitEnd(name, seconds: 10) else {
      throw Failure(description: "\(name) does not end after SIGKILL")
    }
    try fleet.wipe(name)
    try? await Task.sleep(for: hold)
    try fleet.start(name)
  }

  // MARK: The network

  private func obstruct(
    _ obstruction: Obstruction, _ hold: Duration, _ naming: ([String]) -> Void
  ) async throws {
    // Who is cut off from all others needs no list of them.
    naming([obstruction.node] + (obstruction.others.count == 1 ? obstruction.others : []))
    try await network.obstruct(obstruction)
    try? await Task.sleep(for: hold)
    try await network.mend()
  }

  // MARK: What operators do

  private func transfer(to name: String, _ naming: ([String]) -> Void) async throws {
    naming([name])
    struct Body: Encodable { var node: String }
    try await askLeader(.POST, "/v1/cluster/leader", try JSONEncoder().encode(Body(node: name)))
  }

  /// Everything is handed over; after a while the node takes its share again.
  private func drain(_ name: String, _ hold: Duration, _ naming: ([String]) -> Void) async throws {
    naming([name])
    try await ask(name, toDrain: true)
    try? await Task.sleep(for: hold)
    try await ask(name, toDrain: false)
  }

  private func ask(_ name: String, toDrain isDraining: Bool) async throws {
    guard let node = fleet.node(name) else { return }
    let (status, answer, _) = try await requests.ask(
      isDraining ? .POST : .DELETE, node.url + "/v1/nodes/\(name)/drain", timeout: .seconds(60))
    guard status != 200 else { return }
    let text = String(decoding: answer, as: UTF8.self)
    throw Failure(
      description: "drain: \(NodeComplaint(status: status, body: text))",
      isForGood: status == 404 || status == 405)
  }

  private func replace(_ name: String, _ naming: ([String]) -> Void) async throws {
    guard let makeNode = fleet.makeNode else {
      throw Failure(description: "there is no room for another node here", isForGood: true)
    }
    struct Body: Encodable {
      var id: UInt64
      var peer: String
      var client: String
      var replaces: String
    }
    let number = (fleet.nodes.map(\.number).max() ?? 0) + 1
    let node = try await makeNode(number, fleet.nodes)
    naming([name, node.name])
    fleet.add(node)
    try fleet.start(node.name)
    let body = Body(id: number, peer: node.peer, client: node.url, replaces: name)
    do {
      try await askLeader(.POST, "/v1/cluster/members", try JSONEncoder().encode(body), seconds: 30)
    } catch {
      fleet.signal(node.name, SIGKILL)
      _ = await fleet.awaitEnd(node.name, seconds: 10)
      fleet.forget(node.name)
      throw error
    }
    // A node that is no member any more ends by itself.
    let hasEnded = await fleet.awaitEnd(name, seconds: 60)
    if !hasEnded {
      fleet.signal(name, SIGKILL)
      _ = await fleet.awaitEnd(name, seconds: 10)
    }
    fleet.forget(name)
    if !hasEnded {
      throw Failure(
        description: "\(name) did not end within 60 s of its replacement and was killed", isBroken: true)
    }
  }

  /// Asks node after node, and whoever they name as the leader.
  private func askLeader(_ method: HTTPMethod, _ path: String, _ body: Data, seconds: Int64 = 15) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    var last = Failure(description: "no node answered")
    var next: [String] = []
    while ContinuousClock.now < end {
      if next.isEmpty { next = fleet.nodes.map(\.url) }
      let url = next.removeFirst()
      do {
        let (status, answer, leader) = try await requests.ask(
          method, url + path, body, timeout: .seconds(seconds))
        let text = String(decoding: answer, as: UTF8.self)
        switch status {
        case 200...299: return
        case 404 where !text.contains("no member"), 405:
          throw Failure(description: "\(path) is not offered by this server", isForGood: true)
        case 421: if let leader { next.insert(leader, at: 0) }
        case 503: try? await Task.sleep(for: .milliseconds(200))
        default: throw Failure(description: "\(path): \(NodeComplaint(status: status, body: text))")
        }
        last.description = "\(path): \(NodeComplaint(status: status, body: text))"
      } catch let failure as Failure {
        throw failure
      } catch {
        last.description = "\(path): \(error)"
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    throw last
  }

  /// Whatever was under way: nothing is frozen, cut off or down any more.
  func mendAll() async throws {
    try fleet.reviveAll()
    guard await watch.awaitWell(within: 2) != nil else { return }
    try? await network.mend()
    for node in fleet.nodes {
      try? await mendInside(node.name)
      try? await ask(node.name, toDrain: false)
    }
  }
}
