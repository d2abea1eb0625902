import Desk
import Kernel
import Testing

@testable import Protocol

@Suite("a request that no node takes does not keep the others")
struct SuspicionTests {
  var random = Steps(state: 1)
  var state = ClientConnection(settings: ClientSettings(urls: ["ws://a:1"], patience: .seconds(2)))

  mutating func welcome(_ limits: String = "", at now: Instant = 0) throws -> [ClientAction] {
    _ = state.connected(token: "t", at: now)
    return state.received(
      try ReceivedFrame(text: #"{"type":"welcome","node":"node1"\#(limits)}"#), at: now)
  }

  mutating func ask(_ id: String, bytes: Int = 2, at now: Instant = 0) throws -> [String] {
    let body = Array(repeating: UInt8(ascii: "x"), count: bytes)
    let frame = SentFrame(Send(session: SessionID(rawValue: 7), body: body), id: id)
    return sent(try state.submit(frame, deadline: nil, at: now))
  }

  mutating func acknowledge(_ id: String, _ sequence: Int, at now: Instant = 0) throws -> [ClientAction] {
    state.received(
      try ReceivedFrame(text: #"{"type":"ack","id":"\#(id)","session":"7","seq":\#(sequence)}"#), at: now)
  }

  mutating func lose(_ code: Int? = nil) -> (wait: Span, actions: [ClientAction]) {
    let (wait, actions) = state.disconnected(reason: "test", closeCode: code, using: &random)
    return (wait ?? .zero, actions)
  }

  func sent(_ actions: [ClientAction]) -> [String] {
    actions.compactMap { if case .transmit(let frame) = $0 { frame.id } else { nil } }
  }

  /// Why requests were given up, by id.
  func failures(_ actions: [ClientAction]) -> [String: ClientError] {
    var failures: [String: ClientError] = [:]
    for case .resolve(let id, .failed(let error)) in actions { failures[id] = error }
    return failures
  }

  private static let limits = #","limits":{"frame_bytes":65536,"body_bytes":16384}"#

  @Test("what a node says that it does not take is not sent to it")
  mutating func announced() throws {
    _ = try welcome(Self.limits)
    #expect(
      throws: ClientError.refused(code: "too_large", message: "too long (70,000 bytes; at most 16,384)")
    ) { try ask("m1", bytes: 70_000) }
    let fitting = try ask("m2", bytes: 16_384)
    #expect(fitting == ["m2"])
    let long = String(repeating: "\u{1}", count: 12_000).quotedJSON
    let frame = SentFrame(Open(attributes: [Attribute(name: "a", json: long)]), id: "o1")
    // Each of them is six bytes of JSON.
    #expect(throws: ClientError.self) { try state.submit(frame, deadline: nil, at: 0) }
  }

  @Test("what was asked before the limits were known is given up at the welcome, and the rest is sent")
  mutating func announcedLate() throws {
    let early = try ask("m1", bytes: 70_000)
    #expect(early == [])
    let behind = try ask("m2")
    #expect(behind == [])
    let actions = try welcome(Self.limits)
    #expect(sent(actions) == ["m2"])
    #expect(failures(actions).keys.sorted() == ["m1"])
  }

  @Test("a node that closes with 1009 is not sent the longest one again")
  mutating func tooBig() throws {
    _ = try welcome()
    _ = try ask("m1", bytes: 70_000)
    _ = try ask("m2")
    let (_, actions) = lose(1009)
    #expect(failures(actions).keys.sorted() == ["m1"])
    let again = try sent(welcome())
    #expect(again == ["m2"])
  }

  @Test(
    "a close code that is for a frame finds out which one, and the others are heard",
    arguments: [1002, 1007, 1008])
  mutating func forCause(code: Int) throws {
    _ = try welcome()
    for id in ["m1", "bad", "m3"] { _ = try ask(id) }
    let told = lose(code).actions.count
    #expect(told == 1)
    // One at a time from here on.
    let alone = try sent(welcome())
    #expect(alone == ["m1"])
    let next = try sent(acknowledge("m1", 1))
    #expect(next == ["bad"])
    for _ in 1..<ClientConnection.cutsForCause {
      let isKept = failures(lose(code).actions).isEmpty
      #expect(isKept)
      let repeated = try sent(welcome())
      #expect(repeated == ["bad"])
    }
    let givenUp = failures(lose(code).actions).keys.sorted()
    #expect(givenUp == ["bad"])
    let rest = try sent(welcome())
    #expect(rest == ["m3"])
    _ = try acknowledge("m3", 2)
    let fourth = try ask("m4")
    #expect(fourth == ["m4"])
    let fifth = try ask("m5")
    #expect(fifth == ["m5"])
  }

  @Test("a long one on which connections break without a word is given up, a short one never")
  mutating func withoutWord() throws {
    _ = try welcome()
    _ = try ask("long", bytes: 20_000)
    _ = try ask("short")
    var failed: [String: ClientError] = [:]
    for _ in 0..<50 {
      failed.merge(failures(lose().actions)) { $1 }
      _ = try welcome()
    }
    #expect(failed.keys.sorted() == ["long"])
  }

  @Test("waits grow until a connection has proved itself: a welcome is no proof")
  mutating func waits() throws {
    _ = try welcome()
    _ = try ask("m1", bytes: 100)
    var longest = Span.zero
    for _ in 0..<40 {
      longest = max(longest, lose(1011).wait)
      _ = try welcome()
    }
    #expect(longest > .seconds(4))
    // An answer to something new is one.
    _ = try acknowledge("m1", 1)
    let afterAnswer = lose(1011).wait
    #expect(afterAnswer <= .milliseconds(100))
    for _ in 0..<40 {
      _ = try welcome()
      _ = lose(1011)
    }
    // And so is to stay.
    _ = try welcome(at: 1000)
    #expect(state.deadline <= 6000)
    _ = state.tick(at: 6000)
    let afterStaying = lose(1011).wait
    #expect(afterStaying <= .milliseconds(100))
  }
}
