import Desk
import Kernel
import Protocol
import Raft

@testable import Node

/// What happens to a node, drawn from a seed: clients, peers, the leader, the disk and time, each in its turn. The same
/// seed and the same node give the same.
struct RandomSchedule {
  /// SplitMix64 (Steele, Lea, Flood 2014).
  private var state: UInt64
  private var sessions: [SessionID] = []
  private var count = 0

  init(seed: UInt64) { state = seed }

  private mutating func draw(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  private mutating func connection() -> ConnectionID {
    ConnectionID(sink: UInt16(draw(3)), number: UInt64(1 + draw(12)))
  }

  private mutating func peer() -> NodeID { NodeID(UInt64(2 + draw(2))) }

  private mutating func anySession() -> SessionID {
    sessions.isEmpty ? SessionID(rawValue: 4_096) : sessions[draw(sessions.count)]
  }

  /// - Returns: what the node has said, one text for each step.
  mutating func run(_ steps: Int, on node: inout LoneNode) throws -> [String] {
    var said: [String] = []
    for _ in 0..<steps {
      count += 1
      try step(&node)
      node.endTurn()
      said.append(node.said)
      node.forget()
    }
    return said
  }

  private mutating func step(_ node: inout LoneNode) throws {
    switch draw(18) {
    case 0: sessions.append(try node.open("r\(count)", owner: UInt64(1 + draw(3))))
    case 1, 2, 3: node.say("m\(count)", in: anySession(), tag: UInt32(count), on: connection())
    case 4: node.ask(.join(anySession(), after: .zero), tag: UInt32(count), on: connection())
    case 5: node.ask(.resume(anySession(), after: .zero), tag: UInt32(count), on: connection())
    case 6:
      let agent = Person(id: "agent\(draw(4))", role: .agent, name: "")
      node.ask(.status(.online, skills: nil, capacity: 2), by: agent, on: connection())
    case 7: node.ask(.disconnected, on: connection())
    case 8: node.ask(.typing(anySession(), isOn: draw(2) == 0), on: connection())
    case 9, 10: node.commitPending()
    case 11: node.commit(node.node.pending.numbers { _ in true }.map { node.submission($0) })
    case 12: node.answerReads()
    case 13: node.persist()
    case 14: node.pass(10 * (1 + draw(60)), isLed: draw(8) > 0)
    case 15:
      let peer = peer()
      node.take(draw(2) == 0 ? .linkUp(peer, .newest) : .linkDown(peer, refused: draw(2) == 0))
    case 16: presence(&node)
    default: try rare(&node)
    }
  }

  private mutating func presence(_ node: inout LoneNode) {
    let people = (0..<draw(3)).map { Person(id: "far\($0)", role: .agent, name: "") }
    let report = AttendanceReport(session: anySession(), seen: 0, isFollowed: true, people: people)
    node.take(.peer(.attendance(.reports([report])), from: peer()))
  }

  private mutating func rare(_ node: inout LoneNode) throws {
    switch draw(5) {
    case 0:
      let lost = ServerLost(
        server: ServerID(UInt64(2 + draw(2))), heirs: [ServerID(1)], bounds: node.node.bounds)
      node.commit([Submission(origin: Origin(server: ServerID(2), request: 0), command: .serverLost(lost))])
    case 1:
      node.take(draw(2) == 0 ? .diskFull(free: 0) : .roomAgain(free: 1 << 40))
    case 2:
      node.persist()
      var desk = node.node.state
      var effects: [Effect] = []
      desk.apply(
        node.pending.map { node.submission($0) }, index: node.last.rawValue + 5, now: node.timeOfDay,
        into: &effects)
      let chunk = node.snapshot(of: desk)
      node.receive(.snapshotChunk(chunk))
      node.endTurn()
      node.persist()
      if node.loads.last == chunk.meta { try node.load(chunk) }
    case 3: node.take(.call(UInt64(count), [.read, .snapshot, .drain(draw(2) == 0)][draw(3)]))
    default: node.take(.inboundLost(peer()))
    }
  }
}

extension LoneNode {
  /// All of it, for comparing.
  var said: String {
    "\(frames)\(clients.deliveries)\(answers)\(logs)\(writes)\(loads)"
      + "\(snapshotJobs.map { ($0.index, $0.state.encodedSnapshot().count) })\(String(describing: failure))"
  }
}
