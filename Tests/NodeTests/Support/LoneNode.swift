import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

/// Node 1 of three, on its own: the test plays node 2, which leads, node 3, the disk, and time. A value like the node in
/// it: a copy goes its own way.
struct LoneNode {
  var node: Node
  var now = Instant(nanoseconds: 5_000_000_000)
  /// Milliseconds since 1970, here and at the leader.
  var timeOfDay: UInt64 = 1_000
  /// The last entry that the leader has committed.
  var last = LogIndex.zero
  let term = Term(1)

  // What the node has said, in order, until it is forgotten.
  var clients = Clients()
  var frames: [PeerFrame] = []
  var answers: [(call: UInt64, answer: NodeAnswer)] = []
  var logs: [LogLine] = []
  var snapshotJobs: [SnapshotJob] = []
  /// What was erased up to there is to go from the disk; and entries up to there may.
  var purges: [LogIndex] = []
  var compactions: [LogIndex] = []
  var archived: [ArchiveBatch] = []
  var deskNews: [DeskNewsBatch] = []
  /// What it asks its archive.
  var questions: [ArchiveQuestion] = []
  /// Snapshots that the node wants to be read and decoded.
  var loads: [SnapshotMeta] = []
  var failure: NodeFailure?
  /// Of the last turn.
  var hasMore = false
  /// Written, and not durable before the test says so.
  var writes: [Write] = []
  /// Reads that the leader has not answered.
  var asked: [UInt64] = []

  /// - Parameter sinks: gateway loops.
  init(
    sinks: Int = 1, seed: UInt64 = 1, restored: RestoredNode = RestoredNode(),
    configure: (inout NodeConfiguration) -> Void = { _ in }
  ) throws {
    let members = (1...3).map {
      MemberAddress(
        id: $0, name: "node\($0)", peerAddress: "10.0.0.\($0):9101", clientURL: "http://10.0.0.\($0)")
    }
    var configuration = NodeConfiguration(
      cluster: "test", thisNode: members[0], members: members, seed: seed)
    configure(&configuration)
    var restored = restored
    // Its disk knows who votes, as that of a node does that has run before.
    if restored.membership == .unknown {
      restored.membership = Membership(voters: (1...3).map { NodeID($0) })
    }
    node = try Node(
      configuration: configuration, restored: restored, at: NodeTime(now: now, timeOfDay: timeOfDay))
    take(.sinks(sinks))
    take(.linkUp(NodeID(2), .newest))
    take(.linkUp(NodeID(3), .newest))
    // A leader is known, and this node has announced that it has started.
    commit([])
    commit(node.pending.numbers { _ in true }.map { submission($0) })
    forget()
  }

  // MARK: Turns and time

  private var time: NodeTime { NodeTime(now: now, timeOfDay: timeOfDay) }

  mutating func take(_ input: NodeInput) { node.take(input, at: time) }

  /// One turn ends.
  @discardableResult
  mutating func turn() -> NodeOutput {
    let early = node.beginTurnEnd(at: time)
    if let early { absorb(early) }
    var output = node.endTurn(at: time)
    absorb(output)
    output.requiredLevel = output.requiredLevel ?? early?.requiredLevel
    output.givesBackMemory = output.givesBackMemory || early?.givesBackMemory == true
    return output
  }

  /// Turns until nothing is left to do. The disk has written nothing of it yet.
  mutating func endTurn() {
    repeat { turn() } while hasMore
  }

  mutating func end() { absorb(node.end()) }

  private mutating func absorb(_ output: NodeOutput) {
    clients.take(output.deliveries)
    frames += output.frames
    answers += output.answers
    if !output.deskNews.isEmpty { deskNews.append(output.deskNews) }
    logs += output.logs
    writes += output.writes
    if let job = output.snapshot { snapshotJobs.append(job) }
    if let index = output.purge { purges.append(index) }
    if let index = output.compactTo { compactions.append(index) }
    questions += output.archiveQuestions
    if let batch = output.archive { archived.append(batch) }
    if let meta = output.load { loads.append(meta) }
    if let failure = output.failure { self.failure = failure }
    hasMore = output.hasMore
    for frame in output.frames where frame.to == NodeID(2) {
      guard case .raft(let messages) = frame.content else { continue }
      for message in messages {
        if case .readIndex(let request) = message.body { asked.append(request.context) }
      }
    }
  }

  /// What the node has said up to here.
  mutating func forget() {
    clients.forget()
    frames = []
    answers = []
    logs = []
    deskNews = []
  }

  /// So much later. No timer has run yet.
  mutating func later(_ span: Span) {
    now = now + span
    timeOfDay += UInt64(max(0, span.milliseconds))
  }

  /// Timers run, all at this moment.
  mutating func tick(_ count: Int = 1) {
    for _ in 0..<count {
      take(.tick(Surroundings()))
      endTurn()
    }
  }

  /// Time passes, with all its timers.
  ///
  /// - Parameter isLed: the leader is heard from meanwhile.
  mutating func pass(_ milliseconds: Int, isLed: Bool = true) {
    let step = node.configuration.tickMilliseconds
    for count in stride(from: step, through: milliseconds, by: step) {
      later(.milliseconds(step))
      if isLed, count % 100 == 0 { receive(.heartbeat(Heartbeat(commit: last))) }
      tick()
    }
  }
}
