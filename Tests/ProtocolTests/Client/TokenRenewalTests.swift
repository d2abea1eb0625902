import Kernel
import Testing

@testable import Protocol

@Suite("A client's token before its end")
struct TokenRenewalTests {
  var random = Steps(state: 1)
  var state = ClientConnection(settings: ClientSettings(urls: ["ws://a:1"], patience: .seconds(2)))

  mutating func receive(_ text: String, at now: Instant) throws -> [ClientAction] {
    state.received(try ReceivedFrame(text: text), at: now)
  }

  mutating func welcome(at now: Instant = 0) throws {
    _ = state.connected(token: "t", at: now)
    _ = try receive(#"{"type":"welcome","node":"node1","heartbeat_ms":3600000,"nodes":[]}"#, at: now)
  }

  private func hello(_ actions: [ClientAction]) throws -> SentFrame {
    guard case .transmit(let frame) = actions.first, actions.count == 1 else { throw NoHello() }
    return frame
  }

  private struct NoHello: Error {}

  @Test("the warning asks for a token, which is said with hello; its answer is for nobody else")
  mutating func renewed() throws {
    try welcome()
    let warned = try receive(#"{"type":"token_expires","in_ms":60000}"#, at: 1_000)
    #expect(warned == [.needToken])
    let frame = try hello(state.renew(token: "new", at: 1_500))
    #expect(frame.type == "hello" && frame.hello?.token == "new" && frame.hello?.resume == nil)
    let answer = try receive(#"{"type":"ok","id":"\#(frame.id ?? "")"}"#, at: 1_600)
    #expect(answer.isEmpty)
    let later = state.tick(at: 59_000)
    #expect(!later.contains(.needToken))
    // The new one ends, too.
    let again = try receive(#"{"type":"token_expires","in_ms":60000}"#, at: 70_000)
    #expect(again == [.needToken])
    let second = try hello(state.renew(token: "newer", at: 70_001))
    #expect(second.id != frame.id)
  }

  @Test("whoever has no token yet is asked again, each time when half of what is left has gone")
  mutating func asked() throws {
    try welcome()
    _ = try receive(#"{"type":"token_expires","in_ms":60000}"#, at: 0)
    var times: [UInt64] = []
    while state.deadline < Instant(nanoseconds: 61_000 * 1_000_000), times.count < 50 {
      let now = state.deadline
      if state.tick(at: now).contains(.needToken) { times.append(now.nanoseconds / 1_000_000) }
    }
    #expect(times == [30_000, 45_000, 52_500, 56_250, 58_125, 59_125])
  }

  @Test("a refusal is told, and one that is temporary is tried again after its wait")
  mutating func refused() throws {
    try welcome()
    _ = try receive(#"{"type":"token_expires","in_ms":60000}"#, at: 0)
    let first = try hello(state.renew(token: "new", at: 1))
    let busy = try receive(
      #"{"type":"error","id":"\#(first.id ?? "")","code":"busy","message":"m","retry_after_ms":1000}"#, at: 100)
    #expect(busy.isEmpty)
    let asked1 = state.tick(at: 1_099).contains(.needToken)
    #expect(!asked1)
    let asked2 = state.tick(at: 1_100).contains(.needToken)
    #expect(asked2)
    let second = try hello(state.renew(token: "new", at: 1_101))
    let no = try receive(
      #"{"type":"error","id":"\#(second.id ?? "")","code":"unauthorized","message":"no"}"#, at: 1_200)
    #expect(no == [.emit(.serverError(code: "unauthorized", message: "no"))])
    // A node of the previous release.
    let third = try hello(state.renew(token: "new", at: 1_300))
    let old = try receive(
      #"{"type":"error","id":"\#(third.id ?? "")","code":"bad_frame","message":"m"}"#, at: 1_400)
    #expect(old.isEmpty)
    let asked3 = state.tick(at: 59_999).contains(.needToken)
    #expect(!asked3)
  }

  @Test("a token that has ended while it was good costs a reconnection; one that is refused is the end")
  mutating func ended() throws {
    try welcome()
    let (wait, _) = state.disconnected(reason: "4501", closeCode: 4501, using: &random)
    #expect(wait != nil)
    _ = state.connected(token: "old", at: 5)
    let (again, _) = state.disconnected(reason: "4501", closeCode: 4501, using: &random)
    #expect(again == nil)
    let nothing = state.renew(token: "new", at: 6)
    #expect(nothing.isEmpty)
  }
}
