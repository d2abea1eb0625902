import Desk
import Kernel
import Testing
import Wire

@Suite("Commands in log entries")
struct CommandCodecTests {
  static let ann = Person(id: "c-1", role: .customer, name: "Ann")

  /// One submission alone, from server 2, request 300.
  private func expect(_ command: Command, is golden: String) throws {
    let submission = Submission(origin: Origin(server: ServerID(2), request: 300), command: command)
    // Version 1, one submission; then its tag, server 2, request 300 (AC 02).
    let encoded = CommandCodec.encode([submission])
    #expect(hex(encoded) == hex(bytes("01 01" + golden)))
    #expect(try CommandCodec.decode(encoded) == [submission])
  }

  @Test("the bytes of a send")
  func send() throws {
    try expect(
      .send(
        SendMessage(
          session: SessionID(rawValue: 0x1000), epoch: Epoch(1), id: "m1", sender: Self.ann, kind: .text,
          body: [0x68, 0x69])),
      is: """
        02 02 AC02
        8020 01 02 6D31
        03 632D31 00 03 416E6E
        00 02 6869
        """)
  }

  @Test("the bytes of an open, with a priority below zero and attributes")
  func open() throws {
    try expect(
      .open(
        OpenSession(
          customer: Self.ann, requestID: "r", channel: "web", skill: "", intent: "buy", priority: -3,
          attributes: [Attribute(name: "k", json: "[1]")], owner: ServerID(3))),
      is: """
        01 02 AC02
        03 632D31 00 03 416E6E
        01 72 03 776562 00 03 627579
        05
        01 01 6B 03 5B315D
        03
        """)
  }

  @Test("the bytes of a close")
  func close() throws {
    try expect(
      .close(
        CloseSession(
          session: SessionID(rawValue: 5), epoch: Epoch(128),
          by: Person(id: "a", role: .agent, name: ""), reason: "done")),
      is: "03 02 AC02 05 8001 01 61 01 00 04 646F6E65")
  }

  @Test("the bytes of a transfer, to an agent and to a skill")
  func transfer() throws {
    func transfer(_ target: Transfer.Target) -> Command {
      .transfer(
        TransferSession(
          session: SessionID(rawValue: 5), epoch: Epoch(128), requestID: "t1",
          by: Person(id: "a", role: .agent, name: ""), target: target))
    }
    try expect(transfer(.agent(AgentID("bo"))), is: "0B 02 AC02 05 8001 02 7431 01 61 01 00 00 02 626F")
    try expect(transfer(.skill("tv")), is: "0B 02 AC02 05 8001 02 7431 01 61 01 00 01 02 7476")
  }

  @Test("who hands two sessions on is written once")
  func sharedTransfers() throws {
    let submissions = [UInt64(1), 2].map { session in
      Submission(
        origin: Origin(server: ServerID(2), request: 1),
        command: .transfer(
          TransferSession(
            session: SessionID(rawValue: session), epoch: Epoch(1), requestID: "", by: Self.ann,
            target: .skill(""))))
    }
    let encoded = CommandCodec.encode(submissions)
    #expect(
      hex(encoded)
        == hex(bytes("01 02 0B 02 01 01 01 00 03 632D31 00 03 416E6E 01 00 3B 01 02 01 00 01 00")))
    #expect(try CommandCodec.decode(encoded) == submissions)
  }

  @Test("the bytes of an agent's status, with skills and capacity and without")
  func status() throws {
    let presence = Presence(server: ServerID(1), connection: 7)
    try expect(
      .setStatus(
        SetAgentStatus(
          agent: AgentID("a"), name: "Bo", status: .online,
          skills: [SkillWeight(skill: "tv"), SkillWeight(skill: "x", weight: 1)], capacity: 4,
          presence: presence)),
      is: "04 02 AC02 01 61 02 426F 01 01 02 02 7476 E807 01 78 01 01 04 01 07")
    try expect(
      .setStatus(
        SetAgentStatus(
          agent: AgentID("a"), name: "Bo", status: .offline, skills: nil, capacity: nil, presence: presence)),
      is: "04 02 AC02 01 61 02 426F 00 00 00 01 07")
  }

  @Test("the bytes of ended presences, some and all")
  func presences() throws {
    try expect(
      .endPresences(
        EndPresences(
          server: ServerID(9), items: [EndPresences.Item(agent: AgentID("a"), connection: 128)])),
      is: "05 02 AC02 09 01 01 01 61 8001")
    try expect(.endPresences(EndPresences(server: ServerID(9), items: nil)), is: "05 02 AC02 09 00")
    try expect(.endPresences(EndPresences(server: ServerID(9), items: [])), is: "05 02 AC02 09 01 00")
  }

  @Test("the bytes of a lost server")
  func lost() throws {
    try expect(
      .serverLost(ServerLost(server: ServerID(1), heirs: [ServerID(2), ServerID(3)])),
      is: "06 02 AC02 01 02 02 03")
  }

  @Test("the bytes of commands that are bounded, and of time that passes")
  func bounded() throws {
    let bounds = Bounds(limit: 4096, grace: 30_000)
    try expect(
      .endPresences(
        EndPresences(
          server: ServerID(9), items: [EndPresences.Item(agent: AgentID("a"), connection: 128)],
          bounds: bounds)),
      is: "07 02 AC02 09 01 01 01 61 8001 8020 B0EA01")
    try expect(
      .endPresences(EndPresences(server: ServerID(9), items: nil, bounds: bounds)),
      is: "07 02 AC02 09 00 8020 B0EA01")
    try expect(
      .serverLost(ServerLost(server: ServerID(1), heirs: [ServerID(2), ServerID(3)], bounds: bounds)),
      is: "08 02 AC02 01 02 02 03 8020 B0EA01")
    try expect(.timePasses(TimePasses(limit: 4096)), is: "09 02 AC02 8020")
    try expect(
      .setStatus(
        SetAgentStatus(
          agent: AgentID("a"), name: "Bo", status: .offline, skills: nil, capacity: nil,
          presence: Presence(server: ServerID(1), connection: 7), grace: 30_000)),
      is: "0A 02 AC02 01 61 02 426F 00 00 00 01 07 B0EA01")
  }

  @Test("many small commands of one server are read")
  func smallest() throws {
    let submissions = (0..<50).map { _ in
      Submission(
        origin: Origin(server: ServerID(1), request: 0), command: .timePasses(TimePasses(limit: 1)))
    }
    let encoded = CommandCodec.encode(submissions)
    #expect(encoded.count == 2 + 50 * 3 + 1)
    #expect(try CommandCodec.decode(encoded) == submissions)
  }

  @Test("a server and a person like those before are not written again")
  func shared() throws {
    func send(_ server: UInt64, _ sender: Person) -> Submission {
      Submission(
        origin: Origin(server: ServerID(server), request: 1),
        command: .send(
          SendMessage(
            session: SessionID(rawValue: 1), epoch: Epoch(1), id: "", sender: sender, kind: .text, body: [])))
    }
    let lost = Submission(
      origin: Origin(server: ServerID(2), request: 0),
      command: .serverLost(ServerLost(server: ServerID(1), heirs: [])))
    let submissions = [send(2, Self.ann), lost, send(2, Self.ann), send(3, Self.ann)]
    let encoded = CommandCodec.encode(submissions)
    #expect(
      hex(encoded)
        == hex(
          bytes(
            """
            01 04
            02 02 01 01 01 00 03 632D31 00 03 416E6E 00 00
            16 00 01 00
            32 01 01 01 00 00 00
            22 03 01 01 01 00 00 00
            """)))
    #expect(try CommandCodec.decode(encoded) == submissions)
  }

  @Test("names that look the same in other bytes keep their bytes")
  func spelling() throws {
    let spellings = ["\u{E9}", "e\u{301}"]
    let submissions = spellings.map { name in
      Submission(
        origin: Origin(server: ServerID(1), request: 1),
        command: .close(
          CloseSession(
            session: SessionID(rawValue: 1), epoch: Epoch(1),
            by: Person(id: "x", role: .agent, name: name), reason: "")))
    }
    let decoded = try CommandCodec.decode(CommandCodec.encode(submissions))
    let names = decoded.map { submission -> [UInt8] in
      if case .perform(let envelope) = submission.command { Array(envelope.by.name.utf8) } else { [] }
    }
    #expect(names == spellings.map { Array($0.utf8) })
  }

  @Test("no submission at all is two bytes")
  func none() throws {
    #expect(CommandCodec.encode([]) == [1, 0])
    #expect(try CommandCodec.decode([1, 0]).isEmpty)
  }

  @Test(
    "what no encoder writes is refused",
    arguments: [
      ("no bytes", ""), ("another version", "02 00"), ("bytes left over", "01 00 00"),
      ("a count beyond the bytes", "01 FFFFFFFFFFFFFFFFFF01"),
      ("the server of nobody before", "01 01 16 00 01 00"),
      ("the person of nobody before", "01 01 23 02 00 01 01 00"),
      ("a person where there is none", "01 01 26 02 00 01 00"),
      ("unknown flags", "01 01 46 02 00 01 00"), ("an unknown command", "01 01 0C 02 00 01 00"),
      ("a transfer to neither agent nor skill", "01 01 0B 02 00 05 01 00 01 61 01 00 02 01 61"),
      ("a transfer to nobody", "01 01 0B 02 00 05 01 00 01 61 01 00 00"),
      ("a transfer whose receiver is longer than the bytes", "01 01 0B 02 00 05 01 00 01 61 01 00 01 02 61"),
      ("a transfer by the person of nobody before", "01 01 2B 02 00 05 01 00 00 01 61"),
      ("an unknown role", "01 01 03 02 00 05 01 01 61 09 00 00"),
      ("a limit above 32 bits", "01 01 09 02 00 8080808010"),
      ("bounds that are missing", "01 01 08 02 00 01 00"),
      ("a flag of 2", "01 01 05 02 00 09 02"),
      ("a body beyond the bytes", "01 01 02 02 00 01 01 00 00 00 00 00 FFFFFFFF0F"),
      ("a string that is not UTF-8", "01 01 03 02 00 05 01 01 FF 01 00 00"),
      ("a capacity above 32 bits", "01 01 04 02 00 01 61 00 01 00 01 8080808010 01 07"),
    ])
  func refused(what: String, hex: String) {
    #expect(throws: DecodingFailure.self, "\(what)") { try CommandCodec.decode(bytes(hex)) }
  }

  @Test("the fixed part of a send is at most 25 bytes")
  func frugal() {
    let submission = Submission(
      origin: Origin(server: ServerID(3), request: 1 << 24),
      command: .send(
        SendMessage(
          session: SessionID(rawValue: 100_000_000 << 12), epoch: Epoch(100),
          id: "0190-4f", sender: Person(id: "customer-77", role: .customer, name: "Li"), kind: .text,
          body: [UInt8](repeating: 65, count: 200))))
    #expect(CommandCodec.encode([submission]).count - 2 <= 7 + 11 + 2 + 200 + 25)
  }
}
