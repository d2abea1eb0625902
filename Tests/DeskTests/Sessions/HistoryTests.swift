import Desk
import Testing

@Suite("Reading a transcript")
struct HistoryTests {
  /// 200 messages, two at each time, from 1,010 on.
  static let (state, session): (ReplicatedState, SessionID) = {
    var state = ReplicatedState()
    var effects: [Effect] = []
    let origin = Origin(server: Desk.one, request: 0)
    state.apply(
      [Submission(origin: origin, command: .open(.by("alice")))], index: 1, now: 1_000, into: &effects)
    let session = SessionID(rawValue: 1 << 12)
    for number in 1...200 {
      let send = SendMessage(
        session: session, epoch: Epoch(1), id: "m\(number)", sender: .customer("alice"), kind: .text,
        body: Array("\(number)".utf8))
      let submission = Submission(origin: origin, command: .send(send))
      let now = UInt64(1_000 + (number + 1) / 2 * 10)
      state.apply([submission], index: UInt64(number + 1), now: now, into: &effects)
    }
    return (state, session)
  }()

  @Test(
    "a page is the right part, ascending, and says whether there is more",
    arguments: [
      (.after(.zero), 10, 1...10, true), (.after(.zero), 1_000, 1...200, false),
      (.after(Sequence(60)), 10, 61...70, true), (.after(Sequence(190)), 10, 191...200, false),
      (.after(Sequence(189)), 10, 190...199, true), (.after(Sequence(200)), 10, nil, false),
      (.after(Sequence(.max)), 10, nil, false), (.after(.zero), 0, nil, true), (.after(.zero), -3, nil, true),
      (.before(Sequence(.max)), 5, 196...200, true), (.before(Sequence(201)), 5, 196...200, true),
      (.before(Sequence(66)), 4, 62...65, true), (.before(Sequence(6)), 5, 1...5, false),
      (.before(Sequence(7)), 5, 2...6, true), (.before(Sequence(1)), 5, nil, false),
      (.before(.zero), 5, nil, false), (.before(Sequence(9)), .max, 1...8, false),
      (.since(0), 3, 1...3, true), (.since(1_010), 3, 1...3, true), (.since(1_011), 3, 3...5, true),
      (.since(1_340), 4, 67...70, true), (.since(2_000), 5, 199...200, false), (.since(2_001), 5, nil, false),
      (.since(.max), .max, nil, false),
    ] as [(TranscriptRange, Int, ClosedRange<Int>?, Bool)])
  func pages(range: TranscriptRange, limit: Int, expected: ClosedRange<Int>?, more: Bool) throws {
    let page = try #require(Self.state.page(Self.session, range, limit: limit))
    #expect(page.messages.map { Int($0.sequence.rawValue) } == expected.map(Array.init) ?? [])
    #expect(page.messages.allSatisfy { String(decoding: $0.body, as: UTF8.self) == "\($0.sequence.rawValue)" })
    #expect(page.more == more)
    let messages =
      switch range {
      case .after(let sequence): Self.state.main.messages(Self.session, after: sequence, limit: limit)
      case .before(let sequence): Self.state.main.messages(Self.session, before: sequence, limit: limit)
      case .since(let time): Self.state.main.messages(Self.session, since: time, limit: limit)
      }
    #expect(messages == page.messages)
  }

  @Test("every message is found by its sequence and by its id, over many chunks")
  func all() {
    for number in 1...200 {
      let message = Self.state.message(Self.session, at: Sequence(UInt64(number)))
      #expect(message?.id == "m\(number)" && message?.time == UInt64(1_000 + (number + 1) / 2 * 10))
      #expect(
        Self.state.stored(Self.session, messageID: "m\(number)", by: .customer("alice"))?.0
          == Sequence(UInt64(number)))
    }
    #expect(Self.state.checkInvariants().isEmpty)
  }

  @Test("a session that does not exist has no page")
  func unknown() {
    #expect(Self.state.page(SessionID(rawValue: 3), .after(.zero), limit: 3) == nil)
    #expect(Self.state.main.messages(SessionID(rawValue: 3), after: .zero, limit: 3).isEmpty)
  }
}
