import Kernel
import Testing

@testable import Protocol

@Suite("A desk is followed from node to node")
struct DeskStreamTests {
  private static let first = "http://a:1"
  private static let second = "http://b:2/switchboard"

  private struct Follower {
    var state: DeskStream
    var now = Instant.zero
    var random = SeededGenerator(seed: 1)

    init(after id: String? = nil) {
      state = DeskStream(
        settings: ClientSettings(urls: [DeskStreamTests.first, DeskStreamTests.second]), desk: "acme", after: id
      )
    }

    mutating func ask() throws -> DeskStream.Request {
      state.connected(to: try NodeURL(state.current), token: "t", at: now)
    }

    /// As a shell does it whose listener has room.
    mutating func hear(_ text: String) -> [DeskStream.Action] {
      let actions = state.received(Array(text.utf8), at: now)
      for case .emit(.update(let update)) in actions { state.delivered(update) }
      return actions
    }

    mutating func answer(_ status: Int = 200, retryAfter: Int? = nil) -> [DeskStream.Action] {
      state.answered(status: status, retryAfter: retryAfter, at: now)
    }

    mutating func lose() -> (wait: Span?, actions: [DeskStream.Action]) {
      state.disconnected(reason: "gone", using: &random)
    }
  }

  private static func event(_ id: String, _ kind: String, _ members: String = "") -> String {
    "id: \(id)\nevent: \(kind)\ndata: {\"time\":\"2026-11-30T00:00:00.000Z\"\(members)}\n\n"
  }

  private static func name(_ action: DeskStream.Action) -> String {
    switch action {
    case .emit(.update(let update)): update.kind
    case .emit(.missed): "missed"
    case .emit(.connected(let url, let resumed)): resumed ? "again \(url)" : "connected \(url)"
    case .emit(.disconnected): "disconnected"
    case .disconnect: "disconnect"
    }
  }

  @Test("another node is asked for what is behind the last update, and below the path of a proxy")
  func goesOn() throws {
    var follower = Follower()
    let asked = try follower.ask()
    #expect(asked.target == "/v1/events?desk=acme" && !asked.headers.contains { $0.name == "Last-Event-ID" })
    #expect(asked.headers.contains { $0 == ("Authorization", "Bearer t") })
    #expect(follower.answer().map(Self.name) == ["connected \(Self.first)"])
    #expect(
      follower.hear(Self.event("7", "state") + Self.event("9.1", "left", #","customer":"ann""#)).map(Self.name)
        == ["state", "left"])
    #expect(follower.lose().actions.map(Self.name) == ["disconnected"])
    #expect(follower.state.current == Self.second)
    let again = try follower.ask()
    #expect(again.target == "/switchboard/v1/events?desk=acme")
    #expect(again.headers.contains { $0 == ("Last-Event-ID", "9.1") })
    #expect(follower.answer().map(Self.name) == ["again \(Self.second)"])
  }

  @Test("a gap is told, and who loses the connection before the state behind it has come is told it again")
  func gap() throws {
    var follower = Follower(after: "5.1")
    #expect(try follower.ask().headers.contains { $0 == ("Last-Event-ID", "5.1") })
    _ = follower.answer()
    #expect(follower.hear(Self.event("20", "missed")).map(Self.name) == ["missed"])
    _ = follower.lose()
    #expect(try follower.ask().headers.contains { $0 == ("Last-Event-ID", "5.1") })
    _ = follower.answer()
    #expect(
      follower.hear(Self.event("21", "missed") + Self.event("21", "state")).map(Self.name) == [
        "missed", "state",
      ])
    _ = follower.lose()
    #expect(try follower.ask().headers.contains { $0 == ("Last-Event-ID", "21") })
  }

  @Test(
    "a node that ends a stream because of its length or its reader is asked again, and one that stops is left")
  func ends() throws {
    for (reason, stays) in [("time", true), ("slow", true), ("shutdown", false), ("deleted", false)] {
      var follower = Follower()
      _ = try follower.ask()
      _ = follower.answer()
      let actions = follower.hear("event: end\ndata: {\"reason\":\"\(reason)\"}\n\n" + Self.event("9", "state"))
      #expect(actions.map(Self.name) == ["disconnect"])
      let (wait, _) = follower.lose()
      #expect((follower.state.current == Self.first) == stays, "\(reason)")
      if stays { #expect(wait == DeskStream.pause) }
    }
  }

  @Test("a stream that has lasted is taken up at its node, once: what that one has kept, another may not have")
  func returns() throws {
    var follower = Follower()
    _ = try follower.ask()
    _ = follower.answer()
    follower.now = .zero + .seconds(6)
    #expect(follower.hear(": \n\n").isEmpty && follower.state.tick(at: follower.now).isEmpty)
    _ = follower.lose()
    #expect(follower.state.current == Self.first)
    _ = try follower.ask()
    _ = follower.lose()
    #expect(follower.state.current == Self.second)
  }

  @Test(
    "what will be refused again is the end, and what is for now is tried elsewhere, not before the node says so"
  )
  func refused() throws {
    let problem = #"{"status":403,"code":"forbidden","detail":"Not yours."}"#
    var follower = Follower()
    _ = try follower.ask()
    #expect(follower.answer(503, retryAfter: 7).isEmpty && follower.hear("{}").isEmpty)
    let (wait, actions) = follower.lose()
    #expect(wait == .seconds(7) && actions.map(Self.name) == ["disconnected"])
    #expect(follower.state.current == Self.second && follower.state.end == nil)
    _ = try follower.ask()
    _ = follower.answer(403)
    #expect(follower.hear(problem).isEmpty)
    #expect(follower.lose().wait == nil)
    #expect(follower.state.end == .refused(code: "forbidden", message: "Not yours."))
  }

  @Test("of a refusal no more is kept than its bound")
  func longRefusal() throws {
    var follower = Follower()
    _ = try follower.ask()
    _ = follower.answer(400)
    for _ in 0..<3 { _ = follower.hear(String(repeating: " ", count: DeskStream.longestRefusal)) }
    _ = follower.hear(#"{"code":"late","detail":"Not read."}"#)
    _ = follower.lose()
    guard case .refused(let code, _)? = follower.state.end else {
      Issue.record("it is not the end")
      return
    }
    #expect(code == "http_400")
  }

  @Test("a node that does not answer, or falls silent, is left")
  func silent() throws {
    var follower = Follower()
    _ = try follower.ask()
    #expect(follower.state.tick(at: .zero + .milliseconds(1_900)).isEmpty)
    #expect(follower.state.tick(at: .zero + .seconds(2)).map(Self.name) == ["disconnect"])
    _ = follower.lose()
    follower.now = .zero + .seconds(3)
    _ = try follower.ask()
    _ = follower.answer()
    #expect(follower.state.tick(at: follower.now + .seconds(14)).isEmpty)
    #expect(follower.state.tick(at: follower.now + .seconds(15)).map(Self.name) == ["disconnect"])
  }

  @Test(
    "a listener without room loses nothing: the same node is asked again for what is behind its last update")
  func overrun() throws {
    var follower = Follower()
    _ = try follower.ask()
    _ = follower.answer()
    _ = follower.hear(Self.event("7", "state"))
    // Not delivered.
    _ = follower.state.received(Array(Self.event("9.1", "left", #","customer":"ann""#).utf8), at: follower.now)
    follower.state.overrun()
    #expect(follower.hear(Self.event("9.2", "returned", #","customer":"ann""#)).isEmpty)
    #expect(follower.lose().wait == DeskStream.respite && follower.state.current == Self.first)
    #expect(try follower.ask().headers.contains { $0 == ("Last-Event-ID", "7") })
  }
}
