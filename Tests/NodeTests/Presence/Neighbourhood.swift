import Desk
import Kernel

@testable import Node

/// Nodes with nothing but their attendance, on a network that loses what it is told to.
struct Neighbourhood {
  static let session = SessionID(rawValue: 4_096)
  /// Of the rounds, and so of how long a report counts: 15 s and 45 s.
  static let period = Span.seconds(15)
  private static let step: Int64 = 100

  private var local: [ServerID: LocalPresence] = [:]
  private(set) var tables: [ServerID: PresenceTable] = [:]
  private(set) var now = Instant(nanoseconds: 1_000_000_000)
  private(set) var dead: Set<ServerID> = []
  /// Who is connected where, a person once for each connection. Somebody who looks on has no role in the session.
  private var here: [ServerID: [Person]] = [:]
  var owner: ServerID = 1
  var losesReports = false
  var losesLists = false
  private(set) var reportsSent = 0
  private(set) var listsSent = 0
  /// What the subscriptions on each node were told, in order: "+ben" and "-ben".
  private(set) var told: [ServerID: [String]] = [:]

  init(nodes: Int = 3) {
    let turns = Int(Self.period.nanoseconds / 1_000_000 / Self.step)
    for node in 1...nodes {
      let id = ServerID(UInt64(node))
      local[id] = LocalPresence(turns: turns)
      tables[id] = PresenceTable(after: UInt64(node) << 40, period: Self.period, turns: turns)
      here[id] = []
    }
  }

  private var nodes: [ServerID] { here.keys.sorted().filter { !dead.contains($0) } }

  mutating func come(_ id: String, _ role: UserRole = .customer, on node: ServerID) {
    here[node]?.append(Person(id: id, role: role, name: id))
    local[node]?.followersChanged(Self.session)
  }

  mutating func go(_ id: String, from node: ServerID) {
    guard let place = here[node]?.firstIndex(where: { $0.id == id }) else { return }
    here[node]?.remove(at: place)
    local[node]?.followersChanged(Self.session)
  }

  /// The owner changes, and all nodes see it.
  mutating func move(to node: ServerID) {
    owner = node
    for id in nodes {
      local[id]?.tellAgain()
      tables[id]?.ownersMoved()
    }
  }

  mutating func kill(_ node: ServerID) {
    dead.insert(node)
    for id in nodes { tables[id]?.lost(node, now: now) }
  }

  /// Both sides see the connections between a node and the others end and come again.
  mutating func reconnect(_ node: ServerID) {
    for id in nodes where id != node {
      tables[id]?.lost(node, now: now)
      tables[node]?.lost(id, now: now)
      local[id]?.tellAgain()
    }
    local[node]?.tellAgain()
  }

  mutating func forgetTold() { told = [:] }

  func shown(on node: ServerID) -> [String] { local[node]?.shown(in: Self.session).map(\.id) ?? [] }

  mutating func pass(_ milliseconds: Int64) {
    for _ in 0..<milliseconds / Self.step {
      now = now + .milliseconds(Self.step)
      for node in nodes { turn(node) }
    }
  }

  private mutating func turn(_ node: ServerID) {
    for session in local[node]?.turn() ?? [] {
      let people = (here[node] ?? []).filter { $0.role != .supervisor }
      let reports =
        here[node]?.isEmpty == true
        ? local[node]?.forget(session) : local[node]?.report(session, people.unique, to: owner)
      for (owner, report) in reports ?? [] {
        reportsSent += 1
        guard !dead.contains(owner), owner == node || !losesReports else { continue }
        tables[owner]?.take(report, from: node, now: now)
      }
    }
    tables[node]?.turn(now)
    for (target, list) in tables[node]?.takeLists(isOwn: { [owner] _ in owner == node }) ?? [] {
      listsSent += 1
      guard !dead.contains(target), target == node || !losesLists else { continue }
      for person in local[target]?.take(list, from: node, now: now) ?? [] {
        told[target, default: []].append("+" + person.id)
      }
    }
    for (_, people) in local[node]?.takeGone(now) ?? [] {
      for person in people { told[node, default: []].append("-" + person.id) }
    }
  }
}

extension ServerID: ExpressibleByIntegerLiteral {
  /// The number of a node.
  public init(integerLiteral value: UInt64) { self.init(value) }
}

extension [Person] {
  fileprivate var unique: [Person] {
    reduce(into: []) { people, person in
      if !people.contains(where: { $0.isSame(as: person) }) { people.append(person) }
    }
  }
}
