import NIOCore
import Testing

@testable import API

@Suite("A handshake read from its bytes")
struct HandshakeRequestTests {
  func parse(_ text: String) -> HandshakeRequest.Parsed {
    var searched = 0
    return HandshakeRequest.parse(ByteBuffer(string: text).readableBytesView, searched: &searched)
  }

  static let good =
    "GET /v1/connect?x=1 HTTP/1.1\r\nHost: h\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    + "Sec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, v2.msg\r\n"
    + "Authorization: Bearer t\r\nOrigin: https://o\r\n\r\n"

  @Test("all that matters is read, and what follows is left alone")
  func complete() {
    guard case .complete(let request, let length) = parse(Self.good + "rest") else {
      Issue.record("not complete")
      return
    }
    #expect(length == Self.good.utf8.count)
    #expect(request.query == "x=1")
    #expect(request.upgrade == ["websocket"])
    #expect(request.connection == ["keep-alive", "upgrade"])
    #expect(request.subprotocols == ["a", "v2.msg"])
    #expect(request.authorization == "Bearer t")
    #expect(request.origin == "https://o")
    #expect(request.version == "13")
    #expect(!request.hasBody)
  }

  @Test("a request that comes byte by byte is the same request")
  func byteByByte() {
    var searched = 0
    var buffer = ByteBuffer()
    let bytes = Array(Self.good.utf8)
    for (place, byte) in bytes.enumerated() {
      buffer.writeInteger(byte)
      let parsed = HandshakeRequest.parse(buffer.readableBytesView, searched: &searched)
      if place < bytes.count - 1 {
        #expect(parsed == .incomplete)
      } else {
        guard case .complete = parsed else {
          Issue.record("not complete: \(parsed)")
          return
        }
      }
    }
  }

  @Test(
    "other requests are left to HTTP when their head is there",
    arguments: [
      ("GET /v1/connection HTTP/1.1\r\n\r\n", false), ("POST /v1/connect HTTP/1.1\r\n\r\n", false),
      ("GET http://h/v1/connect HTTP/1.1\r\n\r\n", false), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false),
      ("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", true), ("HEAD /readyz?verbose HTTP/1.1\r\n\r\n", true),
      ("GET /metrics HTTP/1.1\n\n", true), ("POST /livez HTTP/1.1\r\n\r\n", false),
      ("GET /livez/ HTTP/1.1\r\n\r\n", false),
    ])
  func others(text: String, isProbe: Bool) { #expect(parse(text) == .other(isProbe: isProbe)) }

  @Test(
    "until then they take no place",
    arguments: ["P", "GET /v1/c\r", "GET /v1/connect/", "GET /livez HTTP/1.1\r\nHost: a\r\n", "GET /a\n"])
  func halves(text: String) { #expect(parse(text) == .incomplete) }

  @Test("what is no HTTP at all is refused at once", arguments: ["\u{16}\u{3}\u{1}", "\r\n", "(", " GET"])
  func garbage(text: String) {
    guard case .malformed = parse(text) else {
      Issue.record("taken: \(parse(text))")
      return
    }
  }

  @Test(
    "what can be read in two ways is refused",
    arguments: [
      "GET /v1/connect HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\nHost: a\u{0}b\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\n\r\n",
      "GET /v1/connect HTTP/1.0\r\nHost: a\r\n\r\n",
      "GET /v1/connect  HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: a\r\nsec-websocket-key: b\r\n\r\n",
      "GET /v1/connect HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n",
    ])
  func malformed(text: String) {
    guard case .malformed = parse(text) else {
      Issue.record("taken as \(parse(text))")
      return
    }
  }

  @Test("a head above 16 KiB is refused, whether it ends or not")
  func tooLarge() {
    let long = "GET /v1/connect HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 17_000)
    #expect(parse(long) == .tooLarge)
    #expect(parse(long + "\r\n\r\n") == .tooLarge)
  }

  @Test("random bytes behind the path never crash it")
  func random() {
    let seed = UInt64.random(in: 1...UInt64.max)
    var state = seed
    for _ in 0..<2000 {
      var buffer = ByteBuffer(string: "GET /v1/connect HTTP/1.1\r\nHost: a\r\n")
      for _ in 0..<40 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        buffer.writeInteger(UInt8(truncatingIfNeeded: state))
      }
      buffer.writeString("\r\n\r\n")
      var searched = 0
      switch HandshakeRequest.parse(buffer.readableBytesView, searched: &searched) {
      case .complete, .malformed: break
      case let other: Issue.record("seed \(seed): \(other)")
      }
    }
  }
}
