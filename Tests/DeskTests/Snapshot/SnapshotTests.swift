import Desk
import Testing

@Suite("Snapshots")
struct SnapshotTests {
  /// A state with something of everything.
  static func rich(seed: UInt64, steps: Int = 250) -> DeskState {
    var commands = RandomCommands(seed: seed)
    var state = DeskState()
    for step in 1...steps {
      var effects: [Effect] = []
      let submission = Submission(origin: Origin(server: Desk.one, request: 1), command: commands.next(state))
      state.apply([submission], index: UInt64(step), now: UInt64(1_000 + step * 20), into: &effects)
      commands.learn(effects)
    }
    return state
  }

  @Test("an empty state has the bytes that version 1 says")
  func golden() throws {
    let bytes = DeskState().encodedSnapshot()
    #expect(bytes == Array("SWBD".utf8) + [0, 1] + [UInt8](repeating: 0, count: 11))
    #expect(try DeskState(snapshot: bytes).checkInvariants().isEmpty)
  }

  @Test("the smallest session, agent and skill there can be come back")
  func smallest() throws {
    var desk = Desk()
    desk.time = 0
    let customer = Person(id: "", role: .customer, name: "")
    desk.apply(
      .open(
        OpenSession(
          customer: customer, requestID: "", channel: "", skill: "", intent: "", priority: 0, attributes: [],
          owner: ServerID(0))))
    let alone = desk.state.encodedSnapshot()
    #expect(try DeskState(snapshot: alone).encodedSnapshot() == alone)
    desk.apply(
      .setStatus(
        SetAgentStatus(
          agent: AgentID(""), name: "", status: .online, skills: nil, capacity: nil,
          presence: Presence(server: ServerID(0), connection: 0))))
    desk.send(SessionID(rawValue: 1 << 12), "", by: customer, body: "")
    let bytes = desk.state.encodedSnapshot()
    #expect(try DeskState(snapshot: bytes).encodedSnapshot() == bytes)
  }

  @Test("a state as large as it gets is given out in pieces")
  func pieces() throws {
    var desk = Desk()
    let id = desk.open()
    for number in 0..<8 { desk.send(id, "m\(number)", body: String(repeating: "x", count: 100_000)) }
    for number in 0..<8 {
      let session = desk.open("c\(number)")
      desk.send(session, "m", by: .customer("c\(number)"), body: String(repeating: "y", count: 200_000))
    }
    var pieces: [[UInt8]] = []
    desk.state.encodeSnapshot { pieces.append($0) }
    #expect(pieces.count >= 4)
    let restored = try DeskState(snapshot: Array(pieces.joined()))
    #expect(restored.message(id, at: Sequence(8))?.body.count == 100_000)
  }

  @Test("a transcript of many chunks comes back and goes on")
  func longTranscript() throws {
    var state = try DeskState(snapshot: HistoryTests.state.encodedSnapshot())
    let session = HistoryTests.session
    #expect(state.encodedSnapshot() == HistoryTests.state.encodedSnapshot())
    #expect(
      state.messages(session, after: .zero, limit: 300)
        == HistoryTests.state.messages(session, after: .zero, limit: 300))
    for (number, expected) in [
      (200, Sequence(200)), (201, Sequence(201)), (64, Sequence(64)), (65, Sequence(65)),
    ] {
      let send = SendMessage(
        session: session, epoch: Epoch(1), id: "m\(number)", sender: .customer("alice"), kind: .text, body: [])
      var effects: [Effect] = []
      let origin = Origin(server: Desk.one, request: 1)
      state.apply([Submission(origin: origin, command: .send(send))], index: 300, now: 0, into: &effects)
      guard case .answer(_, .stored(_, expected, _, let isNew))? = effects.last else {
        Issue.record("\(effects)")
        continue
      }
      #expect(isNew == (number == 201))
    }
    #expect(state.checkInvariants().isEmpty)
  }

  @Test("what the writer throws ends the encoding")
  func throwing() {
    struct DiskFull: Error {}
    var calls = 0
    #expect(throws: DiskFull.self) {
      try Self.rich(seed: 1).encodeSnapshot { (_: [UInt8]) throws(DiskFull) in
        calls += 1
        throw DiskFull()
      }
    }
    #expect(calls == 1)
  }

  @Test("a restored state knows retries, requests, permissions and places")
  func continues() throws {
    var desk = Desk()
    desk.status("bob", skills: ["tax"], capacity: 1)
    let id = desk.open(skill: "tax")
    let waiting = desk.open("carol", skill: "tax")
    desk.send(id, "m1")
    desk.state = try DeskState(snapshot: desk.state.encodedSnapshot())
    #expect(desk.send(id, "m1").answer == .stored(id, Sequence(1), time: 1_000, isNew: false))
    #expect(desk.apply(.open(.by("carol"))).answer == .opened(waiting, isNew: false))
    #expect(desk.state.position(of: waiting)?.position == 1)
    desk.close(id, by: .agent("bob"))
    #expect(desk.agents(of: waiting) == ["bob"])
  }

  @Test("bytes that are no snapshot are named as such")
  func notASnapshot() {
    #expect(throws: SnapshotError.notASnapshot) { try DeskState(snapshot: []) }
    #expect(throws: SnapshotError.notASnapshot) { try DeskState(snapshot: Array("SWB".utf8)) }
    #expect(throws: SnapshotError.notASnapshot) { try DeskState(snapshot: [UInt8](repeating: 7, count: 99)) }
    #expect(throws: SnapshotError.unsupportedVersion(2)) {
      try DeskState(snapshot: Array("SWBD".utf8) + [0, 2, 0, 0])
    }
    #expect(SnapshotError.unsupportedVersion(2).description.contains("version 2"))
  }

  @Test("a snapshot that is cut anywhere, or goes on after its end, is refused")
  func cut() {
    let bytes = Self.rich(seed: 11, steps: 60).encodedSnapshot()
    for length in 0..<bytes.count {
      #expect(throws: SnapshotError.self) { try DeskState(snapshot: Array(bytes[..<length])) }
    }
    #expect(throws: SnapshotError.self) { try DeskState(snapshot: bytes + [0]) }
  }

  @Test("damaged bytes are refused, or give a state that is sound", arguments: SplitMix.seeds)
  func damaged(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let bytes = Self.rich(seed: seed).encodedSnapshot()
    var refused = 0
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged[place] = UInt8.random(in: 0 ... .max, using: &random)
        case 1: damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: damaged.remove(at: place)
        default: damaged.insert(UInt8.random(in: 0 ... .max, using: &random), at: place)
        }
      }
      guard let state = try? DeskState(snapshot: damaged) else {
        refused += 1
        continue
      }
      let problems = state.checkInvariants()
      #expect(problems.isEmpty, "seed \(seed): \(problems)")
    }
    #expect(refused > 0, "seed \(seed)")
  }

  @Test("random bytes after a good beginning never trap", arguments: SplitMix.seeds)
  func randomBytes(seed: UInt64) {
    var random = SplitMix(seed: seed)
    for _ in 0..<500 {
      var bytes = Array("SWBD".utf8) + [0, 1] + [UInt8](repeating: 0xFF, count: 8)
      for _ in 0..<Int.random(in: 0..<200, using: &random) {
        bytes.append(UInt8.random(in: 0 ... .max, using: &random) >> UInt8.random(in: 0...7, using: &random))
      }
      if let state = try? DeskState(snapshot: bytes) {
        #expect(state.checkInvariants().isEmpty, "seed \(seed)")
      }
    }
  }
}
