import Kernel
import Testing

@testable import Desk

@Suite("Old messages leave the state")
struct TrimmedTranscriptTests {
  private var desk = Desk()
  private var rows: [ArchivedChunk] = []
  private var session = SessionID(rawValue: 0)

  init() {
    desk.raise(.sixth)
    session = desk.open()
  }

  /// Says `count` more messages, one an entry, and keeps what goes into the archive.
  private mutating func say(_ count: Int, from first: Int = 1) {
    for number in first..<first + count {
      desk.time += 1
      let outcome = desk.send(session, "m\(number)", body: "text \(number)")
      var some: [ArchiveRow] = []
      desk.state.archive(outcome.all, index: desk.index, into: &some)
      for case .chunk(let chunk, _) in some { rows.append(chunk) }
    }
  }

  private var kept: [String] {
    desk.state.page(session, .after(.zero), limit: .max)?.messages.map(\.id) ?? []
  }

  @Test(
    "the last 128 stay, whole chunks leave with the entry after the one that filled them, and the archive has them"
  )
  mutating func leaves() {
    say(192)
    #expect(kept.count == 192)
    say(1, from: 193)
    // Of the entry that was applied last all can be read.
    #expect(kept.count == 193)
    say(1, from: 194)
    #expect(kept == (65...194).map { "m\($0)" })
    #expect(rows.flatMap { $0.messages.map(\.id) } == (1...192).map { "m\($0)" })
    let found = desk.state.session(session)
    #expect(found?.sequence == Sequence(194) && found?.firstKept == Sequence(65))
    #expect(desk.state.message(session, at: Sequence(64)) == nil)
    #expect(desk.state.message(session, at: Sequence(65))?.id == "m65")
    #expect(desk.state.size(of: session, at: 0)?.messages == 194)
  }

  @Test("of what was said in one entry all can be read and archived, whatever it fills")
  mutating func oneEntry() {
    let submissions = (1...700).map { number in
      Submission(
        origin: Origin(server: Desk.one, request: UInt64(10_000 + number)),
        command: .send(
          SendMessage(
            session: session, epoch: Epoch(1), id: "m\(number)", sender: .customer("alice"), kind: .text,
            body: [])))
    }
    var effects: [Effect] = []
    desk.index += 1
    desk.state.apply(submissions, index: desk.index, now: desk.time, into: &effects)
    var some: [ArchiveRow] = []
    desk.state.archive(effects, index: desk.index, into: &some)
    #expect(kept.count == 700 && some.count == 10)
    // A few chunks an entry.
    for expected in [700 - 256 + 1, 700 - 512 + 2, 128 + 62] {
      desk.send(session, "x\(expected)")
      #expect(kept.count == expected)
    }
  }

  @Test(
    "a retry of a message that has left gets its first answer, another text is a conflict, another person is another one"
  )
  mutating func retries() {
    say(500)
    let first = desk.time - 499
    #expect(
      desk.send(session, "m1", body: "text 1").answer
        == .stored(session, Sequence(1), time: first, isNew: false))
    #expect(desk.send(session, "m1", body: "other").answer == .refused(.conflict))
    desk.status("bob")
    #expect(desk.agents(of: session) == ["bob"])
    #expect(
      desk.send(session, "m1", by: .agent("bob"), body: "text 1").answer
        == .stored(session, Sequence(501), time: desk.time, isNew: true))
    #expect(
      desk.state.stored(session, messageID: "m2", by: .customer("alice"))?.0 == Sequence(2))
  }

  @Test("every message that has left is known for as long as its session is there, however many came after it")
  mutating func late() throws {
    say(64 * 40 + 1)
    say(1, from: 64 * 40 + 2)
    var twin = desk
    twin.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    for number in [1, 2, 64, 65, 500, 2_400, 2_562] {
      for answer in [
        desk.send(session, "m\(number)", body: "text \(number)").answer,
        twin.send(session, "m\(number)", body: "text \(number)").answer,
      ] {
        guard case .stored(_, Sequence(UInt64(number)), _, isNew: false) = answer else {
          Issue.record("message \(number) is answered \(String(describing: answer))")
          return
        }
      }
    }
  }

  @Test("below level 6 nothing leaves, and what was there before leaves part by part")
  mutating func levels() {
    desk = Desk()
    desk.raise(.fifth)
    session = desk.open()
    say(1_000)
    #expect(kept.count == 1_000)
    desk.raise(.sixth)
    #expect(kept.count == 1_000)
    say(1, from: 1_001)
    #expect(kept.count == 1_001)
    for _ in 0..<5 { desk.pass(1) }
    #expect(kept.count == 128 + 41)
    #expect(desk.send(session, "m900", body: "text 900").answer?.isNew == false)
  }

  @Test(
    "a snapshot at any time has all of it, and goes on in the same way", arguments: [1, 192, 193, 400, 1_500])
  mutating func snapshot(count: Int) throws {
    say(count)
    var twin = desk
    twin.state = try ReplicatedState(snapshot: desk.state.encodedSnapshot())
    #expect(twin.state.checkInvariants().isEmpty)
    #expect(twin.state.encodedSnapshot() == desk.state.encodedSnapshot())
    for number in stride(from: 1, to: count + 300, by: 3) {
      let (one, two) = (desk.send(session, "m\(number)"), twin.send(session, "m\(number)"))
      #expect(one.answer == two.answer)
    }
    #expect(twin.state.encodedSnapshot() == desk.state.encodedSnapshot())
  }

  @Test("a page of what is kept goes from the first that is kept on, in each direction")
  mutating func pages() {
    say(300)
    func ids(_ range: TranscriptRange, _ limit: Int) -> [String] {
      desk.state.page(session, range, limit: limit)?.messages.map(\.id) ?? []
    }
    #expect(ids(.after(.zero), 2) == ["m129", "m130"] && ids(.after(Sequence(130)), 2) == ["m131", "m132"])
    #expect(ids(.before(Sequence(131)), 10) == ["m129", "m130"] && ids(.before(Sequence(20)), 10).isEmpty)
    #expect(desk.state.page(session, .before(Sequence(131)), limit: 10)?.more == true)
    #expect(ids(.since(0), 1) == ["m129"])
  }
}

extension Answer {
  fileprivate var isNew: Bool? {
    if case .stored(_, _, _, let isNew) = self { isNew } else { nil }
  }
}
