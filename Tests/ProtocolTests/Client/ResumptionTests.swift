import Desk
import Kernel
import Testing

@testable import Protocol

@Suite("a client that follows more sessions than one hello can resume")
struct ResumptionTests {
  var random = Steps(state: 1)
  var state = ClientConnection(settings: ClientSettings(urls: ["ws://a:1"], patience: .seconds(2)))
  private static let first = 1_000_000_000_000_000_000

  private mutating func receive(_ text: String, at now: Instant = 0) throws -> [ClientAction] {
    state.received(try ReceivedFrame(text: text), at: now)
  }

  private func sent(_ actions: [ClientAction]) -> [SentFrame] {
    actions.compactMap { if case .transmit(let frame) = $0 { frame } else { nil } }
  }

  /// Messages 1 to `seen` of so many sessions have come.
  private mutating func follow(_ count: Int, seen: Int = 1) throws {
    for session in 0..<count {
      for sequence in 1...seen {
        _ = try receive(
          #"{"type":"message","session":"\#(Self.first + session)","seq":\#(sequence),"id":"m","from":"a","body":"b"}"#
        )
      }
    }
  }

  private mutating func lose(_ code: Int? = nil) -> Span? {
    state.disconnected(reason: "test", closeCode: code, using: &random).wait
  }

  private mutating func hello(token: String = "t") throws -> SentFrame {
    try #require(sent(state.connected(token: token, at: 0)).first)
  }

  /// The node answers every `join`, until none comes any more.
  /// - Returns: what was joined, and the most that waited for an answer at a time.
  private mutating func answerJoins(
    _ actions: [ClientAction], with answer: (SentFrame) -> String
  ) throws -> (joined: [SentFrame], most: Int) {
    var (joined, most): ([SentFrame], Int) = ([], 0)
    var waiting = sent(actions).filter { $0.type == "join" }
    while !waiting.isEmpty {
      most = max(most, waiting.count)
      let next = waiting.removeFirst()
      joined.append(next)
      let more = try receive(answer(next))
      for case .resolve(let id, _) in more where id != "mine" { Issue.record("nobody has asked for \(id)") }
      waiting += sent(more).filter { $0.type == "join" }
    }
    return (joined, most)
  }

  private static func joined(_ frame: SentFrame) -> String {
    #"{"type":"joined","id":"\#(frame.id ?? "")","session":"\#(frame.session ?? "")","state":"active","agents":[]}"#
  }

  @Test(
    "the hello fits into what the node takes, and the rest is joined behind the welcome, from where it was seen"
  )
  mutating func all() throws {
    _ = try hello()
    _ = try receive(#"{"type":"welcome","node":"n","limits":{"frame_bytes":65536}}"#)
    try follow(3_000, seen: 2)
    _ = lose()
    let hello = try hello(token: String(repeating: "t", count: 4_000))
    #expect(hello.encoded.count <= 65_536 && hello.encoded.count > 40_000, "\(hello.encoded.count)")
    let resumed = (hello.resume ?? []).map(\.session)
    // What was opened last is what somebody talks in.
    #expect(resumed.contains("\(Self.first + 2_999)") && !resumed.contains("\(Self.first)"))
    let welcomed = try receive(#"{"type":"welcome","node":"n","limits":{"frame_bytes":65536}}"#)
    let (joined, most) = try answerJoins(welcomed, with: Self.joined)
    #expect(most <= 16)
    #expect(Set(joined.compactMap(\.session) + resumed).count == 3_000 && joined.count + resumed.count == 3_000)
    #expect(joined.allSatisfy { $0.after == 2 && $0.encoded.count < 256 })
    // Nothing that comes by that is lost, and nothing is shown twice.
    let old = try receive(
      #"{"type":"message","session":"\#(Self.first)","seq":2,"id":"m","from":"a","body":"b"}"#)
    let new = try receive(
      #"{"type":"message","session":"\#(Self.first)","seq":3,"id":"m","from":"a","body":"b"}"#)
    #expect(old.isEmpty && new.count == 1)
  }

  @Test("before any node has said what it takes, a hello is as short as everybody takes it")
  mutating func first() throws {
    try follow(900)
    let hello = try hello()
    #expect(hello.encoded.count <= ClientConnection.shortFrame && (hello.resume ?? []).count > 50)
    let (joined, _) = try answerJoins(try receive(#"{"type":"welcome","node":"n"}"#), with: Self.joined)
    #expect(joined.count + (hello.resume ?? []).count == 900)
  }

  @Test("a node that ends the connection at the hello is sent a shorter one, until it says welcome")
  mutating func small() throws {
    try follow(900)
    var tries = 0
    while true {
      let hello = try hello()
      tries += 1
      try #require(tries < 20)
      if hello.encoded.count <= 1024 { break }
      #expect(lose(1009) != nil)
    }
    #expect(tries > 2)
    let welcomed = try receive(#"{"type":"welcome","node":"n","limits":{"frame_bytes":1024}}"#)
    let (joined, _) = try answerJoins(welcomed, with: Self.joined)
    #expect(joined.count > 850)
    _ = lose()
    let next = try hello()
    #expect(next.encoded.count <= 1024 && next.encoded.count > 900)
  }

  @Test("what a node puts off is asked again; what it refuses, or cannot bring as a whole, is told")
  mutating func refused() throws {
    try follow(300)
    _ = try hello()
    let welcomed = try receive(#"{"type":"welcome","node":"n"}"#)
    let joins = sent(welcomed).filter { $0.type == "join" }
    try #require(joins.count > 3)
    let ids = joins.compactMap(\.id)
    let busy = try receive(
      #"{"type":"error","id":"\#(ids[0])","code":"rate_limited","message":"x","retry_after_ms":100}"#)
    #expect(sent(busy).isEmpty && busy.isEmpty)
    let again = sent(state.tick(at: 1_000_000_000)).filter { $0.type == "join" }
    #expect(again == [joins[0]])
    let session = try #require(joins[1].session)
    let no = try receive(#"{"type":"error","id":"\#(ids[1])","code":"forbidden","message":"x"}"#)
    #expect(no.contains(.emit(.serverError(code: "forbidden", message: "x"))))
    #expect(no.contains(.emit(.historyLost(session: session))))
    let gap = try receive(#"{"type":"resumed","session":"\#(joins[2].session ?? "")","recovered":false}"#)
    #expect(gap.contains(.emit(.historyLost(session: joins[2].session ?? ""))))
    let over = try receive(
      #"{"type":"joined","id":"\#(ids[3])","session":"\#(joins[3].session ?? "")","state":"closed","agents":[]}"#
    )
    #expect(over.contains(.emit(.closed(session: joins[3].session ?? "", by: "", reason: ""))))
  }

  @Test("a connection that ends in the midst of it begins anew with the next one, and nobody is told of it")
  mutating func interrupted() throws {
    try follow(900)
    _ = try hello()
    _ = try receive(#"{"type":"welcome","node":"n"}"#)
    let ended = state.disconnected(reason: "test", closeCode: nil, using: &random).actions
    for case .resolve(let id, _) in ended { Issue.record("nobody has asked for \(id)") }
    let hello = try hello()
    let (joined, _) = try answerJoins(try receive(#"{"type":"welcome","node":"n"}"#), with: Self.joined)
    #expect(joined.count + (hello.resume ?? []).count == 900)
    // Whoever joins one of them is not joined twice.
    _ = lose()
    _ = try self.hello()
    let frame = SentFrame(
      Join(session: SessionID(rawValue: UInt64(Self.first)), after: Sequence(1)), id: "mine")
    _ = try state.submit(frame, deadline: nil, at: 0)
    let (all, _) = try answerJoins(try receive(#"{"type":"welcome","node":"n"}"#)) { frame in
      Self.joined(frame)
    }
    #expect(all.filter { $0.session == "\(Self.first)" }.count == 1)
  }
}

extension SentFrame {
  fileprivate var session: String? { join?.session.text }
  fileprivate var after: UInt64? { join?.after.rawValue }
  fileprivate var resume: [ResumePoint]? { hello?.resume }
}
