import Raft

/// A cluster that obeys the commands of a transcript. A command that does what it says says nothing; a question
/// says its answer.
struct Scenario {
  var cluster = Cluster(1)
  /// Whether messages are delivered by themselves after each command.
  var isAutomatic = true
  /// Read answers that were told of.
  var readsTold: [NodeID: Int] = [:]
  /// Branches of Raft that the clusters of the scenario reached, up to the last command.
  var marks: MarkSet {
    var marks = formerMarks
    marks.formUnion(cluster.marks)
    return marks
  }
  private var formerMarks = MarkSet()
  private var hasCluster = false
  private var violationsTold = 0
  private let configure: (inout RaftConfiguration) -> Void

  /// - Parameter configure: applied to each member's configuration after the options of the transcript.
  init(configure: @escaping (inout RaftConfiguration) -> Void = { _ in }) { self.configure = configure }

  /// - Returns: what the command says; a line that begins with `error:` when it makes no sense.
  mutating func perform(_ line: String) -> [String] {
    do throws(ScenarioError) {
      var words = Words(line)
      let name = try words.next("a command")
      let answer = try perform(name, &words)
      try words.end()
      return answer
    } catch {
      return ["error: \(error)"]
    }
  }

  /// What was broken since the last call.
  mutating func newViolations() -> [String] {
    let all = cluster.violations
    defer { violationsTold = all.count }
    return Array(all.dropFirst(violationsTold))
  }

  private mutating func perform(_ name: String, _ words: inout Words) throws(ScenarioError) -> [String] {
    if name == "cluster" { return try makeCluster(&words) }
    if !hasCluster { throw ScenarioError("a transcript begins with `cluster COUNT`") }
    if let answer = try ask(name, &words) { return answer }
    if let answer = try work(name, &words) { return deliver(answer) }
    if let answer = try changeGroup(name, &words) { return deliver(answer) }
    if let answer = try makeTrouble(name, &words) { return deliver(answer) }
    throw ScenarioError("there is no command \(name)")
  }

  private mutating func makeCluster(_ words: inout Words) throws(ScenarioError) -> [String] {
    let count = Int(try words.number("the number of voters"))
    guard (1...9).contains(count) else { throw ScenarioError("a cluster has 1 to 9 voters") }
    var learners = 0
    if words.take("learners") { learners = Int(try words.number("the number of learners")) }
    var options = RaftConfiguration(id: NodeID(1), membership: Membership(voters: [NodeID(1)]), seed: 1)
    let assignments = words.takeAll()
    for word in assignments { try options.set(word) }
    let configure = configure
    formerMarks.formUnion(cluster.marks)
    cluster = Cluster(count, learners: learners) { configuration in
      // Checked a moment ago.
      for word in assignments { try? configuration.set(word) }
      configure(&configuration)
    }
    hasCluster = true
    isAutomatic = true
    readsTold = [:]
    violationsTold = 0
    return []
  }

  private mutating func deliver(_ answer: [String]) -> [String] {
    if isAutomatic { cluster.settle() }
    return answer
  }

  mutating func addProcess(_ id: NodeID, options: [String]) throws(ScenarioError) {
    guard id.rawValue == UInt64(cluster.members.count) + 1 else {
      throw ScenarioError("the next new process is node \(cluster.members.count + 1)")
    }
    var trial = cluster.members[0].configuration
    for word in options { try trial.set(word) }
    cluster.addProcess { configuration in for word in options { try? configuration.set(word) } }
  }

  // MARK: what commands are made of

  func check(_ id: NodeID) throws(ScenarioError) {
    guard id.rawValue >= 1, id.rawValue <= UInt64(cluster.members.count) else {
      throw ScenarioError("there is no node \(id)")
    }
  }

  /// The node that the command names, which must run.
  func running(_ words: inout Words) throws(ScenarioError) -> NodeID {
    let id = try words.node()
    try check(id)
    if cluster[id].raft == nil { throw ScenarioError("node \(id) is down") }
    return id
  }

  func leader() throws(ScenarioError) -> NodeID {
    guard let leader = cluster.leader else { throw ScenarioError("nobody leads") }
    return leader
  }

  mutating func tick(_ id: NodeID) {
    if isAutomatic { cluster.tick(id) } else { _ = cluster.change(id) { $0.tick() } }
  }
}
