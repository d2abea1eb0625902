import Desk
import Kernel
import TestFrames
import Testing

@testable import Protocol

/// One client that speaks text and one that speaks binary frames, who say and hear the same.
@Suite("Text and binary frames")
struct TwoFormsTests {
  /// Both connections of one person.
  private struct Pair {
    let text: ConnectionHarness
    let binary: ConnectionHarness
    init(
      _ person: Person, _ settings: GatewaySettings = .unhurried, receipts: Bool = false, claims: Claims? = nil
    ) {
      text = .welcomed(person, settings, receipts: receipts, claims: claims)
      binary = .welcomedInBinary(person, settings, receipts: receipts, claims: claims)
    }

    func say<One: ClientOperation>(_ operation: One, id: String) {
      var frame = FrameBuffer()
      frame.append(expected: 256) {
        SentFrame.write(One.name, id: id.isEmpty ? nil : id, operation, One.fields, to: &$0)
      }
      text.frame(Opcode.text, frame.bytes)
      binary.say(One.frameType, id: id, One.fields.encode(operation))
    }

    func each(_ body: (ConnectionHarness) -> Void) {
      body(text)
      body(binary)
    }

    /// What both were told; nil: not the same.
    func told() -> [String]? {
      let (first, second) = (text.seen().map(\.said), binary.seen().map(\.said))
      #expect(first == second)
      return first == second ? first : nil
    }
  }

  private static func plain(_ requests: [ClientRequest]) -> [String] {
    requests.map { "\($0.tag) \($0.person) \($0.body)" }
  }

  private static func person(_ role: UserRole) -> Person { Person(id: "p1", role: role, name: "P \"1\"") }

  /// For tests of any operation with the type in hand.
  private static func any(
    _ type: any ClientOperation.Type, _ random: inout SeededGenerator, _ pair: Pair, id: String
  ) -> String {
    func say<One: ClientOperation>(_: One.Type) -> String {
      let sample = One.fields.sample(&random)
      pair.say(sample, id: id)
      return One.fields.json(of: sample)
    }
    return say(type)
  }

  @Test(
    "every operation asks for the same and is answered alike, or refused alike",
    arguments: 0..<Operations.all.count)
  func operations(_ place: Int) throws {
    let type = Operations.all[place]
    let seed: UInt64 = 20_261_129
    var random = SeededGenerator(seed: seed)
    for round in 0..<64 {
      for role in UserRole.allCases {
        let pair = Pair(Self.person(role))
        let id = round % 8 == 0 ? "" : "i\(round)é"
        let said = Self.any(type, &random, pair, id: id)
        let about = Comment(rawValue: "\(type.name), seed \(seed), round \(round), \(role): \(said)")
        let (first, second) = (pair.text.requests(), pair.binary.requests())
        #expect(Self.plain(first) == Self.plain(second), about)
        let refusal = try #require(pair.told(), about)
        #expect(first.count + refusal.count == 1, about)
        guard let tag = first.first?.tag else { continue }
        let reply = Self.reply(to: type, &random)
        pair.each { $0.reply(tag, reply) }
        #expect(pair.told()?.count == (type.answer == .nothing ? 0 : 1), about)
      }
    }
  }

  private static func word(_ random: inout SeededGenerator) -> String {
    let words = ["", "a", "agent \"7\"", "line\nbreak", "線路", "😀", "\u{1}"]
    return words[Int(random.next() % UInt64(words.count))]
  }

  private static func summary(_ random: inout SeededGenerator) -> SessionSummary {
    let states: [SessionSummary.State] = [.queued, .active, .closed]
    return SessionSummary(
      session: SessionID(rawValue: random.next()), state: states[Int(random.next() % 3)],
      sequence: Sequence(random.next() >> (random.next() % 64)), position: Int(random.next() % 9),
      etaMilliseconds: Int(random.next() % 99_999), etaRange: random.next() % 2 == 0 ? nil : 5_000...15_000,
      agents: (0..<random.next() % 3).map { _ in AgentID(word(&random)) })
  }

  private static func message(_ random: inout SeededGenerator) -> Transcribed {
    Transcribed(
      sequence: Sequence(random.next() >> (random.next() % 64)), id: word(&random),
      sender: Person(id: word(&random), role: UserRole.allCases[Int(random.next() % 4)], name: word(&random)),
      kind: random.next() % 2 == 0 ? .text : .system, body: Array(word(&random).utf8),
      time: random.next() % 1 << 45)
  }

  private static func reply(to answer: AnswerKind, _ random: inout SeededGenerator) -> Reply {
    switch answer {
    case .opened: .opened(summary(&random))
    case .joined: .joined(summary(&random))
    case .ack: .acknowledged(SessionID(rawValue: random.next()), Sequence(random.next()), time: random.next())
    case .ok, .nothing: .done
    case .history:
      .history(
        SessionID(rawValue: random.next()), (0..<random.next() % 4).map { _ in message(&random) },
        more: random.next() % 2 == 0)
    case .record: record(Operations.answers[Int(random.next() % UInt64(Operations.answers.count))], &random)
    }
  }

  private static func record(_ type: any AnswerRecord.Type, _ random: inout SeededGenerator) -> Reply {
    func sample<One: AnswerRecord>(_: One.Type) -> Reply {
      .answer(QueryAnswer(One.fields.sample(&random)))
    }
    return sample(type)
  }

  private static func reply(to type: any ClientOperation.Type, _ random: inout SeededGenerator) -> Reply {
    func sample<Asked: Query>(_: Asked.Type) -> Reply { record(Asked.Answer.self, &random) }
    return (type as? any Query.Type).map { sample($0) } ?? reply(to: type.answer, &random)
  }

  @Test("every answer, message and event says the same in both forms")
  func answers() throws {
    let seed: UInt64 = 20_261_130
    var random = SeededGenerator(seed: seed)
    let kinds: [AnswerKind] = [.opened, .joined, .ack, .ok, .history, .record]
    for round in 0..<500 {
      let pair = Pair(Self.person(.agent), receipts: round % 2 == 0)
      pair.say(SetStatus(status: .online), id: "s")
      let tag = try #require(pair.text.requests().first?.tag)
      #expect(pair.binary.requests().first?.tag == tag)
      let session = SessionID(rawValue: random.next())
      let messages = (0..<3).map { _ in Self.message(&random) }
      let reply = Self.reply(to: kinds[round % kinds.count], &random)
      let events = Self.events(&random)
      let failure = Failure(
        .noQuorum, Self.word(&random), retryAfterMilliseconds: random.next() % 2 == 0 ? nil : 250)
      pair.each { harness in
        harness.reply(tag, reply)
        harness.reply(tag, .missed(session, messages))
        harness.reply(tag, .gap(session))
        var encoded = EncodedMessage(session, messages[0], at: harness.now.wall)
        harness.machine.deliver(&encoded, now: harness.now, into: &harness.output)
        for event in events { harness.event(session, event) }
        harness.machine.goaway(
          reason: "drain", node: round % 3 == 0 ? nil : "node2", url: round % 3 == 1 ? "http://h" : nil,
          afterMilliseconds: 60_000, now: harness.now, into: &harness.output)
        harness.machine.sendError(
          .text("e"), session: "odd \"one\"", failure, now: harness.now, into: &harness.output)
      }
      let told = try #require(pair.told(), "seed \(seed), round \(round)")
      #expect(told.count == 1 + 3 + 1 + 1 + events.count + 2)
      pair.each { $0.wait(100) }
      let again = try #require(pair.told(), "seed \(seed), round \(round)")
      // Without receipts nothing is said again.
      #expect(again.count == (round % 2 == 0 ? 4 : 0) && again.allSatisfy { $0.hasSuffix(#","resent":true}"#) })
    }
  }

  private static func events(_ random: inout SeededGenerator) -> [SessionEvent] {
    func declared<News: SessionNews>(_: News.Type) -> SessionEvent {
      .news(NewsRecord(News.fields.sample(&random)))
    }
    var others: [SessionEvent] = []
    for (_, type) in NewsRecord.all.sorted(by: { $0.key < $1.key }) { others.append(declared(type)) }
    return others + [
      .queued(position: 3, etaMilliseconds: 9000),
      .queued(position: 3, etaMilliseconds: 9000, range: 5_000...15_000),
      .assigned(AgentID("a1"), name: "Ann"),
      .closed(by: "a1", reason: "solved \"it\""), .typing(by: "a", name: "A", isOn: true),
      .read(by: "a", Sequence(random.next())), .presence(of: person(.agent), isOnline: true),
      .transferred(from: AgentID("a\"1"), to: .agent(AgentID("a\n2"))),
      .transferred(from: nil, to: .skill("税")),
    ]
  }

  @Test("welcome, resumed sessions, renewal and the end of a token are the same in both forms")
  func hello() throws {
    let (text, binary) = (ConnectionHarness(.unhurried), ConnectionHarness(.unhurried))
    text.say(
      #"{"type":"hello","token":"t","receipts":true,"resume":[{"session":"5","after":2},{"after":1},{"session":"0"}]}"#
    )
    binary.say(
      HelloRecord(
        token: "t", receipts: true,
        resume: [.init(session: 5, after: 2), .init(session: nil, after: 1), .init(session: 0)]))
    #expect(text.output.token == "t" && binary.output.token == "t")
    #expect(!text.takesFrames && !binary.takesFrames)
    let claims = Claims(person: customer, expiresAtMilliseconds: text.now.wall + 20_000)
    for harness in [text, binary] {
      harness.output.token = nil
      harness.decide(.accepted(claims))
    }
    let (first, second) = (text.requests(), binary.requests())
    #expect(Self.plain(first) == Self.plain(second) && first.count == 1)
    for harness in [text, binary] {
      harness.reply(first[0].tag, .resumed(SessionID(rawValue: 5), recovered: true))
      harness.wait(16_000)
    }
    let said = text.seen().map(\.said)
    #expect(said == binary.seen().map(\.said))
    #expect(said.filter { $0.hasPrefix(#"{"type":"welcome""#) }.count == 1)
    #expect(said.filter { $0.hasPrefix(#"{"type":"error""#) }.count == 2)
    #expect(said.filter { $0.hasPrefix(#"{"type":"token_expires""#) }.count == 1)
    text.say(#"{"type":"hello","id":"r","token":"new"}"#)
    binary.say(HelloRecord(token: "new"), id: "r")
    for harness in [text, binary] {
      #expect(harness.output.token == "new")
      harness.decide(.accepted(Claims(person: customer, expiresAtMilliseconds: claims.expiresAtMilliseconds)))
    }
    #expect(text.seen().map(\.said) == [#"{"type":"ok","id":"r"}"#])
    #expect(binary.seen().map(\.said) == [#"{"type":"ok","id":"r"}"#])
    text.say(#"{"type":"hello","id":"q"}"#)
    binary.say(HelloRecord(token: nil), id: "q")
    for harness in [text, binary] { harness.wait(4_500) }
    let ends = text.seen().map(\.said)
    #expect(ends == binary.seen().map(\.said) && ends.contains { $0.contains("unauthorized") })
  }

  @Test("what is wrong is named by the same words in both forms")
  func faults() throws {
    let long = String(repeating: "é", count: 1_001)
    let session = SessionID(rawValue: 5)
    let pairs: [(role: UserRole, any ClientOperation, code: String)] = [
      (.customer, Rate(session: session, score: 6), "bad_frame"),
      (.customer, Rate(session: session, score: 0), "bad_frame"),
      (.customer, Rate(session: session, score: 1, comment: long), "too_large"),
      (.agent, Rate(session: session, score: 1), "forbidden"),
      (.customer, Close(session: session, reason: long), "too_large"),
      (.customer, Close(session: SessionID(rawValue: 0)), "not_found"),
      (.agent, Transfer(session: session), "bad_frame"),
      (.agent, Transfer(session: session, agent: "", skill: nil), "bad_frame"),
      (.agent, Transfer(session: session, agent: "a\u{202e}", skill: nil), "bad_frame"),
      (.agent, Transfer(session: session, agent: long), "too_large"),
      (.customer, Open(channel: String(repeating: "c", count: 65)), "too_large"),
      (.customer, Open(priority: 9), "forbidden"),
      (.customer, Open(attributes: [Attribute(name: "a", json: "1,")]), "bad_frame"),
      (.customer, Open(attributes: (0..<65).map { Attribute(name: "a\($0)", json: "1") }), "too_large"),
      (
        .customer, Open(attributes: [Attribute(name: String(repeating: "n", count: 129), json: "1")]),
        "too_large"
      ),
      (.customer, Send(session: session, body: Array(repeating: 0x61, count: 16_385)), "too_large"),
      (.agent, SetStatus(status: .online, skills: (0..<257).map { SkillWeight(skill: "s\($0)") }), "too_large"),
      (.agent, SetStatus(status: .online, skills: [SkillWeight(skill: "")]), "bad_frame"),
      (.agent, SetStatus(status: .online, skills: [SkillWeight(skill: "a", weight: 1_000_001)]), "bad_frame"),
      (.agent, SetStatus(status: .online, capacity: 100_001), "bad_frame"),
      (.customer, History(session: session, after: 1, before: 2), "bad_frame"),
      (.customer, History(session: session, limit: 0), "bad_frame"),
    ]
    for (role, operation, code) in pairs {
      let pair = Pair(Self.person(role))
      func say<One: ClientOperation>(_ one: One) { pair.say(one, id: "f1") }
      say(operation)
      let (text, binary) = (pair.text.seen(), pair.binary.seen())
      // Words about the place in a text are of the text alone.
      let isAboutJSON = text.first?.said.contains("JSON") ?? false
      if !isAboutJSON { #expect(text.map(\.said) == binary.map(\.said), "\(operation)") }
      #expect(text.count == 1 && text.first?.code == code && binary.first?.plain?.code == code, "\(operation)")
      #expect(binary.first?.plain?.id == "f1")
      #expect(pair.text.requests().isEmpty && pair.binary.requests().isEmpty, "\(operation)")
    }
  }

  @Test("a field that is missing is named, whichever it is")
  func missing() {
    func names<One: ClientOperation>(_: One.Type) -> [(Failure, String)] {
      One.fields.list.filter(\.isRequired).map { field in
        var random = SeededGenerator(seed: 1)
        let record = One.fields.encode(One.fields.sample(&random))
        var (reader, kept) = (ByteReader(record), ByteWriter())
        while !reader.isAtEnd, let number = try? reader.readVarint(),
          let value = try? reader.readBytes(limit: 9999)
        {
          if number == field.number { continue }
          kept.writeVarint(number)
          kept.write(bytes: value)
        }
        var fields = RecordReader(kept.bytes)
        do throws(Failure) { _ = try One.fields.hear(&fields) } catch { return (error, field.name) }
        return (Failure(.busy, "nothing is missing"), field.name)
      }
    }
    for type in Operations.all {
      for (failure, name) in names(type) {
        #expect(failure == Failure(.badFrame, "`\(name)` is missing."), "\(type.name)")
      }
    }
  }

  @Test("both forms cost the same of a budget, and a refusal for being too fast names the request")
  func budgets() throws {
    var settings = GatewaySettings()
    settings.limits.requestBurst = 5
    settings.limits.requestsPerSecond = 1
    let pair = Pair(customer, settings)
    for round in 0..<12 {
      pair.text.say(#"{"type":"ping","id":"p\#(round)"}"#)
      pair.binary.say(BinaryFrameType.ping.rawValue, id: "p\(round)")
      pair.text.say(#"{"type":"received","session":"5","seq":1}"#)
      pair.binary.say(
        BinaryFrameType.received.rawValue,
        Received.fields.encode(Received(session: SessionID(rawValue: 5), seq: Sequence(1))))
      pair.say(Close(session: SessionID(rawValue: 5)), id: "c\(round)")
    }
    let told = try #require(pair.told())
    #expect(told.contains { $0.contains("rate_limited") && $0.contains(#""id":"c"#) })
    #expect(Self.plain(pair.text.requests()) == Self.plain(pair.binary.requests()))
    #expect(pair.text.output.figures.rateLimited == pair.binary.output.figures.rateLimited)
  }
}

extension GatewaySettings {
  /// Any number of requests at once.
  static var unhurried: GatewaySettings {
    var settings = GatewaySettings()
    settings.limits.requestsPerSecond = 0
    settings.limits.addressRequestsPerSecond = 0
    return settings
  }
}
