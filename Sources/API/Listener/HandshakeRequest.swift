internal import NIOCore
internal import NIOHTTP1

/// The opening request of a connection to `/v1/connect`, read from its bytes (RFC 9112, and RFC 6455 section 4.2.1).
///
/// Strict on purpose: whatever could be read in two ways is refused. Only what the handshake needs is kept.
struct HandshakeRequest: Equatable {
  static let path = "/v1/connect"
  static let headBytes = 16 * 1024
  static let headerFields = 100

  /// What stands behind `?` in the target, without it.
  var query = ""
  var host: String?
  var origin: String?
  var authorization: String?
  var key: String?
  var version: String?
  /// Lower case.
  var upgrade: [String] = []
  /// Lower case.
  var connection: [String] = []
  /// As the client spells them, in its order of preference.
  var subprotocols: [String] = []
  var hasBody = false
  var forwarding = ForwardingFields()

  enum Parsed: Equatable {
    case incomplete
    /// Something else than `GET /v1/connect`, whole up to the end of its head: for the HTTP routes.
    /// - Parameter isProbe: it asks for the health of the node.
    case other(isProbe: Bool)
    case malformed(String)
    case tooLarge
    /// `length` bytes belong to it; what follows is not HTTP any more.
    case complete(HandshakeRequest, length: Int)
  }

  private static let start = Array("GET /v1/connect".utf8)

  /// - Parameter searched: how many bytes earlier calls have looked at already; kept up to date, so that a request
  ///   that comes byte by byte costs no more than one that comes at once.
  static func parse(_ bytes: ByteBufferView, searched: inout Int) -> Parsed {
    var common = 0
    for (byte, expected) in zip(bytes, start) {
      guard byte == expected else { return other(bytes, searched: &searched) }
      common += 1
    }
    guard common == start.count, bytes.count > common else { return .incomplete }
    let next = bytes[bytes.startIndex + common]
    guard next == UInt8(ascii: " ") || next == UInt8(ascii: "?") else {
      return other(bytes, searched: &searched)
    }
    guard let end = endOfHead(bytes, searched: &searched) else {
      return bytes.count > headBytes ? .tooLarge : .incomplete
    }
    guard end <= headBytes else { return .tooLarge }
    do {
      return .complete(try HandshakeRequest(head: bytes.prefix(end)), length: end)
    } catch {
      return .malformed(error.reason)
    }
  }

  /// A request for the routes is handed on when its head is there: until then it takes no place of theirs.
  private static func other(_ bytes: ByteBufferView, searched: inout Int) -> Parsed {
    let method = bytes.prefix { $0 != UInt8(ascii: " ") }
    guard (1...32).contains(method.count) || bytes.isEmpty, method.allSatisfy(isTokenCharacter) else {
      return .malformed("it does not begin with a method of HTTP")
    }
    guard endOfHead(bytes, searched: &searched) != nil else {
      return bytes.count > headBytes ? .tooLarge : .incomplete
    }
    let line = String(decoding: bytes.prefix { $0 != 13 && $0 != 10 }.prefix(64), as: UTF8.self)
    let words = line.split(separator: " ")
    let isProbe =
      words.count == 3 && (words[0] == "GET" || words[0] == "HEAD")
      && RequestRules.isProbe(path: words[1].prefix { $0 != "?" })
    return .other(isProbe: isProbe)
  }

  /// An empty line: what stands before it is the head. Whether CR may be missing is judged by who reads it.
  private static func endOfHead(_ bytes: ByteBufferView, searched: inout Int) -> Int? {
    var place = max(0, searched - 3)
    while place < bytes.count {
      let from = bytes.startIndex + place
      if bytes[from] == 10 {
        let rest = bytes[from...].dropFirst().prefix(2)
        if rest.first == 10 { return place + 2 }
        if rest.elementsEqual([13, 10]) { return place + 3 }
      }
      place += 1
    }
    searched = bytes.count
    return nil
  }

  private struct Malformed: Error { var reason: String }

  init() {}

  /// Of a request that came behind others on its connection.
  /// - Throws: the problem to answer with.
  init(_ head: HTTPRequestHead) throws(ProblemDetails) {
    guard head.version == .http1_1 else {
      throw .badRequest("The request is malformed: a WebSocket needs HTTP/1.1.")
    }
    query = head.uri.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    do throws(Malformed) {
      for (name, value) in head.headers { try take(name.lowercased(), Self.trim(value[...])) }
    } catch {
      throw .badRequest("The request is malformed: \(error.reason).")
    }
  }

  private init(head: ByteBufferView.SubSequence) throws(Malformed) {
    var lines = head.split(separator: 10, omittingEmptySubsequences: false).makeIterator()
    guard let first = lines.next(), let request = Self.line(first) else {
      throw Malformed(reason: "the request line does not end with CR LF")
    }
    let words = request.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3 else { throw Malformed(reason: "the request line has not three words") }
    guard words[2] == "HTTP/1.1" else {
      throw Malformed(reason: "the version is \"\(words[2].prefix(16))\"; a WebSocket needs HTTP/1.1")
    }
    query = words[1].split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    var fields = 0
    while let bytes = lines.next() {
      guard let line = Self.line(bytes) else {
        throw Malformed(reason: "a header line is not text ending with CR LF")
      }
      if line.isEmpty { break }
      fields += 1
      guard fields <= Self.headerFields else {
        throw Malformed(reason: "more than \(Self.headerFields) header fields")
      }
      try take(line)
    }
    guard host != nil else { throw Malformed(reason: "the header field Host is missing") }
  }

  /// A line without its CR; nil when a control character or a byte that is not UTF-8 is in it.
  private static func line(_ bytes: ByteBufferView.SubSequence) -> String? {
    if bytes.isEmpty { return "" }
    guard bytes.last == 13 else { return nil }
    let text = bytes.dropLast()
    guard !text.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7F }) else { return nil }
    return String(validating: text, as: UTF8.self)
  }

  private mutating func take(_ line: String) throws(Malformed) {
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      throw Malformed(reason: "a header line has no colon")
    }
    try take(line[..<colon].lowercased(), Self.trim(line[line.utf8.index(after: colon)...]))
  }

  /// - Parameter name: lower case.
  private mutating func take(_ name: String, _ value: String) throws(Malformed) {
    guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenCharacter) else {
      throw Malformed(reason: "the name of a header field is not a token")
    }
    switch name {
    case "host": try Self.once(&host, value, name)
    case "origin": try Self.once(&origin, value, name)
    case "authorization": try Self.once(&authorization, value, name)
    case "sec-websocket-key": try Self.once(&key, value, name)
    case "sec-websocket-version": try Self.once(&version, value, name)
    case "upgrade": upgrade += Self.list(value).map { $0.lowercased() }
    case "connection": connection += Self.list(value).map { $0.lowercased() }
    case "sec-websocket-protocol": subprotocols += Self.list(value)
    case "content-length": hasBody = hasBody || value != "0"
    case "transfer-encoding": hasBody = true
    case "x-forwarded-for": forwarding.forwardedFor.append(value)
    case "forwarded": forwarding.forwarded.append(value)
    default: break
    }
  }

  private static func once(_ place: inout String?, _ value: String, _ name: String) throws(Malformed) {
    guard place == nil else { throw Malformed(reason: "the header field \(name) comes twice") }
    place = value
  }

  private static func list(_ value: String) -> [String] {
    value.split(separator: ",").map { trim($0) }.filter { !$0.isEmpty }
  }

  private static func trim(_ text: Substring) -> String {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }

  /// RFC 9110 section 5.6.2.
  private static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
