import Raft

/// What goes wrong, and what mends it.
extension Scenario {
  /// - Returns: nil when it is another kind of command.
  mutating func makeTrouble(_ name: String, _ words: inout Words) throws(ScenarioError) -> [String]? {
    switch name {
    case "cut", "isolate", "heal", "hold", "drop", "duplicate", "echo", "pass", "release":
      try changeNetwork(name, &words)
    case "manual": isAutomatic = false
    case "automatic": isAutomatic = true
    case "deliver": try deliverByHand(&words)
    case "lost", "unreachable", "pause", "begin": try tell(name, &words)
    case "hang", "unhang", "persist", "crash", "start", "wipe", "process":
      try changeProcess(name, &words)
    default: return nil
    }
    return []
  }

  private mutating func changeNetwork(_ name: String, _ words: inout Words) throws(ScenarioError) {
    switch name {
    case "cut":
      let left = try words.node()
      if words.take("to") {
        cluster.cut.insert([left, try words.node()])
      } else {
        cluster.disconnect(left, try words.node())
      }
    case "isolate": cluster.isolate(try words.node())
    case "heal": cluster.heal()
    case "hold", "drop", "duplicate", "echo": try addFilter(name, &words)
    case "pass": cluster.filters = []
    case "release":
      cluster.filters.removeAll { $0.action == .hold || $0.action == .echo }
      cluster.network += cluster.held
      cluster.held = []
    default: break
    }
  }

  /// What the owner of a node tells it.
  private mutating func tell(_ name: String, _ words: inout Words) throws(ScenarioError) {
    let id = try running(&words)
    switch name {
    case "lost": _ = cluster.change(id) { $0.leaderConnectionLost() }
    case "pause": _ = cluster.change(id) { $0.forgetLease() }
    case "begin":
      let others = cluster.ids.filter { $0 != id }
      let first = Membership(voters: [id], learners: others, joining: others)
      if cluster.change(id, { $0.beginGroup(first) }) == true { cluster[id].configuration.rejoining = false }
    default:
      let peer = try words.node()
      _ = cluster.change(id) { $0.peerUnreachable(peer) }
    }
  }

  private mutating func addFilter(_ name: String, _ words: inout Words) throws(ScenarioError) {
    guard let action = MessageFilter.Action(rawValue: name) else { return }
    let word = try words.next("a kind of message")
    let kind = MessageKind(rawValue: word)
    if kind == nil, word != "all" {
      let kinds = MessageKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ScenarioError("\(word) is no kind of message: all, \(kinds)")
    }
    let from = words.take("any") ? nil : try words.nodeIfAny()
    cluster.filters.append(MessageFilter(action, kind, from: from, to: try words.nodeIfAny()))
  }

  /// `deliver`: what is under way now, and not what that leads to; `deliver KIND [FROM [TO]]`: of that only some.
  private mutating func deliverByHand(_ words: inout Words) throws(ScenarioError) {
    var chosen = MessageFilter(.hold)
    if !words.isEmpty {
      let word = try words.next("a kind of message")
      guard let kind = MessageKind(rawValue: word) else { throw ScenarioError("\(word) is no kind of message") }
      let from = words.take("any") ? nil : try words.nodeIfAny()
      chosen = MessageFilter(.hold, kind, from: from, to: try words.nodeIfAny())
    }
    let messages = cluster.network
    cluster.network = messages.filter { !chosen.fits($0) }
    for message in messages where chosen.fits(message) { cluster.deliver(message) }
    for id in cluster.ids where !cluster[id].chunkReads.isEmpty { cluster.answerChunkRead(id) }
  }

  private mutating func changeProcess(_ name: String, _ words: inout Words) throws(ScenarioError) {
    let id = try words.node()
    if name == "process" { return try addProcess(id, options: words.takeAll()) }
    try check(id)
    switch name {
    case "hang": cluster.hung.insert(id)
    case "unhang":
      cluster.hung.remove(id)
      cluster.absorb(id)
    case "persist":
      for _ in 0..<(try words.count("a number of writes", or: cluster[id].writes.count)) { cluster.persist(id) }
    case "crash":
      let finished = words.take("finished") ? Int(try words.number("a number of writes")) : 0
      cluster.crash(id, finished: finished)
    case "start":
      if cluster[id].raft != nil { throw ScenarioError("node \(id) runs") }
      for word in words.takeAll() { try cluster[id].configuration.set(word) }
      cluster.start(id)
    default:
      if cluster[id].raft != nil { throw ScenarioError("node \(id) runs: crash it first") }
      cluster.wipe(id)
    }
  }
}
