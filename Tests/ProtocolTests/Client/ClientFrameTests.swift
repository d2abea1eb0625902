import Desk
import Testing

@testable import Protocol

@Suite("frames and addresses")
struct FrameTests {
  @Test("a frame has the protocol's names and leaves out what is not said")
  func encoding() throws {
    let session = SessionID(rawValue: 9_007_199_254_740_993)
    let frame = SentFrame(Send(session: session, body: Array("a/b\nß".utf8)), id: "m\"1")
    #expect(
      String(decoding: frame.encoded, as: UTF8.self)
        == #"{"type":"send","id":"m\"1","session":"9007199254740993","body":"a/b\nß"}"#)
  }

  @Test("nodes in a welcome are names or objects")
  func nodes() throws {
    let frame = try ReceivedFrame(
      text: #"{"type":"welcome","nodes":["n1",{"id":"n2","client_url":"http://b:2"}],"new":{"x":1}}"#)
    #expect(frame.nodes == [.init(name: "n1", url: nil), .init(name: "n2", url: "http://b:2")])
  }

  @Test(
    "what is not of the protocol is an error and no crash",
    arguments: ["", "[]", "{}", "{\"type\":1}", "\u{0}"])
  func garbage(text: String) {
    #expect(throws: (any Error).self) { try ReceivedFrame(text: text) }
  }

  @Test(
    "addresses of nodes",
    arguments: [
      ("ws://127.0.0.1:8101", "127.0.0.1:8101"), ("http://h:1/v1/connect", "h:1"), ("h:80", "h:80"),
      ("h", "h:80"),
      ("ws://[::1]:8101", "[::1]:8101"), ("wss://h", "h:443"), ("https://[::1]/v1/connect", "[::1]:443"),
      ("HTTPS://h:8101", "h:8101"),
    ])
  func addresses(text: String, authority: String) throws {
    let url = try NodeURL(text)
    #expect(url.authority == authority)
    #expect(url.isSecure == ["wss", "https"].contains(text.lowercased().prefix { $0 != ":" }))
  }

  @Test(
    "a node may be served below a path",
    arguments: [
      ("http://h/desk/", "/desk/v1/connect"), ("ws://h:1/a/b", "/a/b/v1/connect"), ("h:80/", "/v1/connect"),
      ("http://h:1/v1/connect", "/v1/connect"), ("http://h/a/v1/connect/", "/a/v1/connect"),
    ])
  func paths(text: String, target: String) throws {
    #expect(try NodeURL(text).target == target)
  }

  @Test(
    "what is no node's address",
    arguments: [
      "http://h/a?b", "http://h/a#b", "http://h/a/../b", "http://h/a b", "http://h/a\r\nX: y", "wss://:1",
      "ftp://h:1", "ws://:1", "ws://h:0", "ws://h:x", "ws://a\r\nb:1", "ws://a b:1",
    ])
  func badAddresses(text: String) {
    #expect(throws: ClientError.badURL(text)) { try NodeURL(text) }
  }
}
