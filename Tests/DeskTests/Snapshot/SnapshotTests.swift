import Desk
import Testing

@Suite("Snapshots")
struct SnapshotTests {
  /// A state with something of everything.
  static func rich(seed: UInt64, steps: Int = 250) -> ReplicatedState {
    var commands = RandomCommands(seed: seed)
    var state = ReplicatedState()
    for step in 1...steps {
      var effects: [Effect] = []
      let submission = Submission(origin: Origin(server: Desk.one, request: 1), command: commands.next(state))
      state.apply([submission], index: UInt64(step), now: UInt64(1_000 + step * 20), into: &effects)
      commands.learn(effects)
    }
    return state
  }

  @Test("an empty state has the bytes that version 3 says")
  func golden() throws {
    let bytes = ReplicatedState().encodedSnapshot()
    #expect(bytes == Array("SWBD".utf8) + [0, 3] + [UInt8](repeating: 0, count: 12))
    #expect(try ReplicatedState(snapshot: bytes).checkInvariants().isEmpty)
  }

  @Test("a snapshot of version 1 is read, and goes on as one of version 3")
  func firstVersion() throws {
    // Bob served Ann, has gone and keeps the chat; Cy waits; Kim is away.
    let hex = """
      53574244000100000000000003EE0203626F6203426F62000103746178000003E80000000100036B696D034B696D0300
      00000002010201010374617800000000000003EA00020000000000003000026379000243590272310377656203746178
      00000000000000000000000003EB00000101000000000000000000200003616E6E0003414E4E02723103776562037461
      7800000000000000000000000003EA010103626F620101020103616E6E0003414E4E010108020000026D316869
      """
    var desk = Desk()
    desk.state = try ReplicatedState(snapshot: bytes(hex))
    #expect(desk.state.checkInvariants().isEmpty && desk.state.now == 1_006)
    #expect(desk.state.main.sessions(of: AgentID("bob")) == [SessionID(rawValue: 2 << 12)])
    #expect(desk.state.main.queue(of: "tax") == [SessionID(rawValue: 3 << 12)])
    #expect(desk.state.session(SessionID(rawValue: 3 << 12))?.queuedAt == 1_003)
    #expect(desk.state.nextDeadline == nil && desk.state.presentCount(on: Desk.two) == 1)
    #expect(desk.state.message(SessionID(rawValue: 2 << 12), at: Sequence(1))?.body == Array("hi".utf8))
    let again = desk.state.encodedSnapshot()
    #expect(again[5] == 3)
    #expect(try ReplicatedState(snapshot: again).encodedSnapshot() == again)
  }

  private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(digits.dropFirst($0).prefix(2), radix: 16)
    }
  }

  @Test("a snapshot of version 2 is read: nobody has handed anything on")
  func secondVersion() throws {
    // As above; bob is to lose the chat at 2,000, and server 1 lives since its request 5.
    let hex = """
      53574244000200000000000003EE0203626F6203426F62000103746178000003E800000001000100000000000007D003
      6B696D034B696D03000000000201020100010374617800000000000003EA000200000000000030000263790002435902
      7231037765620374617800000000000000000000000003EB0000010100000000000000000000200003616E6E0003414E
      4E027231037765620374617800000000000000000000000003EA010103626F620101020103616E6E0003414E4E010108
      020000026D31686901010000000000000005
      """
    var desk = Desk()
    desk.state = try ReplicatedState(snapshot: bytes(hex))
    let id = SessionID(rawValue: 2 << 12)
    #expect(desk.state.checkInvariants().isEmpty && desk.state.nextDeadline == 2_000)
    #expect(desk.state.life(of: Desk.one) == 5 && desk.state.main.sessions(of: AgentID("bob")) == [id])
    #expect(!desk.state.main.hasTransferred(.agent("bob"), session: id, requestID: ""))
    let again = desk.state.encodedSnapshot()
    #expect(again[5] == 3)
    #expect(try ReplicatedState(snapshot: again).encodedSnapshot() == again)
  }

  @Test("the skill that a session was handed to comes back, and who has handed it on")
  func transfers() throws {
    var desk = Desk()
    desk.status("bob", skills: ["tax"])
    let id = desk.open(skill: "tax")
    desk.transfer(id, to: .skill("law"), request: "t1")
    let bytes = desk.state.encodedSnapshot()
    desk.state = try ReplicatedState(snapshot: bytes)
    #expect(desk.state.encodedSnapshot() == bytes && desk.state.main.queue(of: "law") == [id])
    #expect(desk.state.session(id)?.skill == "law")
    #expect(desk.transfer(id, to: .skill("law"), request: "t1").answer == .done)
    #expect(desk.transfer(id, to: .skill("law"), request: "t2").answer == .refused(.forbidden))
  }

  @Test("deadlines, waiting times and lives come back")
  func failover() throws {
    var desk = Desk()
    desk.status("bob", capacity: 2)
    desk.status("kim", connection: 2)
    for name in ["a", "b", "c"] { desk.open(name) }
    desk.end("bob")
    desk.end("kim", connection: 2, grace: 7_000)
    desk.pass(5_000, limit: 1)
    desk.end(server: Desk.one)
    let restored = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(restored.checkInvariants().isEmpty)
    #expect(restored.encodedSnapshot() == desk.state.encodedSnapshot())
    #expect(restored.nextDeadline == 6_000 && restored.agent(AgentID("kim"))?.deadline == 8_000)
    #expect(restored.session(restored.main.queue(of: "")[0])?.queuedAt == 6_000)
    #expect(restored.life(of: Desk.one) == desk.state.life(of: Desk.one) && restored.life(of: Desk.one) != nil)
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
    #expect(try ReplicatedState(snapshot: alone).encodedSnapshot() == alone)
    desk.apply(
      .setStatus(
        SetAgentStatus(
          agent: AgentID(""), name: "", status: .online, skills: nil, capacity: nil,
          presence: Presence(server: ServerID(0), connection: 0))))
    desk.send(SessionID(rawValue: 1 << 12), "", by: customer, body: "")
    let bytes = desk.state.encodedSnapshot()
    #expect(try ReplicatedState(snapshot: bytes).encodedSnapshot() == bytes)
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
    let restored = try ReplicatedState(snapshot: Array(pieces.joined()))
    #expect(restored.message(id, at: Sequence(8))?.body.count == 100_000)
  }

  @Test("a transcript of many chunks comes back and goes on")
  func longTranscript() throws {
    var state = try ReplicatedState(snapshot: HistoryTests.state.encodedSnapshot())
    let session = HistoryTests.session
    #expect(state.encodedSnapshot() == HistoryTests.state.encodedSnapshot())
    #expect(
      state.main.messages(session, after: .zero, limit: 300)
        == HistoryTests.state.main.messages(session, after: .zero, limit: 300))
    for (number, expected) in [
      (200, Sequence(200)), (201, Sequence(201)), (64, Sequence(64)), (65, Sequence(65)),
    ] {
      let send = SendMessage(
        session: session, epoch: Epoch(1), id: "m\(number)", sender: .customer("alice"), kind: .text,
        body: Array("\(number)".utf8))
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
    desk.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(desk.send(id, "m1").answer == .stored(id, Sequence(1), time: 1_000, isNew: false))
    #expect(desk.apply(.open(.by("carol", skill: "tax"))).answer == .opened(waiting, isNew: false))
    #expect(desk.state.position(of: waiting)?.position == 1)
    desk.close(id, by: .agent("bob"))
    #expect(desk.agents(of: waiting) == ["bob"])
  }

  @Test("bytes that are no snapshot are named as such")
  func notASnapshot() {
    #expect(throws: SnapshotError.notASnapshot) { try ReplicatedState(snapshot: []) }
    #expect(throws: SnapshotError.notASnapshot) { try ReplicatedState(snapshot: Array("SWB".utf8)) }
    #expect(throws: SnapshotError.notASnapshot) {
      try ReplicatedState(snapshot: [UInt8](repeating: 7, count: 99))
    }
    #expect(throws: SnapshotError.unsupportedVersion(5)) {
      try ReplicatedState(snapshot: Array("SWBD".utf8) + [0, 5, 0, 0])
    }
    #expect(SnapshotError.unsupportedVersion(5).description.contains("version 5 of"))
  }

  @Test("a snapshot that is cut anywhere, or goes on after its end, is refused")
  func cut() {
    let bytes = Self.rich(seed: 11, steps: 60).encodedSnapshot()
    for length in 0..<bytes.count {
      #expect(throws: SnapshotError.self) { try ReplicatedState(snapshot: Array(bytes[..<length])) }
    }
    #expect(throws: SnapshotError.self) { try ReplicatedState(snapshot: bytes + [0]) }
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
      guard let state = try? ReplicatedState(snapshot: damaged) else {
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
    for round in 0..<500 {
      var bytes = Array("SWBD".utf8) + [0, UInt8(round % 3 + 1)] + [UInt8](repeating: 0xFF, count: 8)
      for _ in 0..<Int.random(in: 0..<200, using: &random) {
        bytes.append(UInt8.random(in: 0 ... .max, using: &random) >> UInt8.random(in: 0...7, using: &random))
      }
      if let state = try? ReplicatedState(snapshot: bytes) {
        #expect(state.checkInvariants().isEmpty, "seed \(seed)")
      }
    }
  }
}
