internal import NIOHTTP1

/// What every request has to be, before any rule looks at its path: whatever two readers could understand in two ways
/// is refused (RFC 9112, sections 3.2 and 6.3).
enum RequestRules {
  /// - Returns: what is wrong with it, for its sender.
  static func problem(of head: HTTPRequestHead) -> ProblemDetails? {
    hostProblem(head) ?? bodyProblem(head) ?? targetProblem(head.uri)
  }

  /// Whether it asks for the health of the node: those who do are let in when nobody else is.
  static func isProbe(_ head: HTTPRequestHead) -> Bool {
    guard head.method == .GET || head.method == .HEAD, !head.headers.contains(name: "transfer-encoding"),
      head.headers["content-length"].allSatisfy({ $0 == "0" })
    else { return false }
    return isProbe(path: head.uri.prefix { $0 != "?" })
  }

  static func isProbe(path: some StringProtocol) -> Bool {
    path == "/livez" || path == "/readyz" || path == "/metrics"
  }

  private static func hostProblem(_ head: HTTPRequestHead) -> ProblemDetails? {
    guard head.version == .http1_1 || head.version == .http1_0 else {
      return .badRequest("HTTP/1.1 is spoken here.")
    }
    let hosts = head.headers["host"]
    guard hosts.count < 2 else { return .badRequest("The header field Host comes twice.") }
    guard let host = hosts.first else {
      return head.version == .http1_1 ? .badRequest("The header field Host is missing.") : nil
    }
    return isHost(host) ? nil : .badRequest("The header field Host is no host with a port.")
  }

  /// The characters of a host, an address in brackets and a port (RFC 3986, section 3.2.2).
  static func isHost(_ text: String) -> Bool {
    text.utf8.count <= 255
      && text.utf8.allSatisfy { byte in
        isLetterOrDigit(byte) || "-._~:[]".utf8.contains(byte)
      }
  }

  private static func bodyProblem(_ head: HTTPRequestHead) -> ProblemDetails? {
    let lengths = head.headers["content-length"]
    let encodings = head.headers["transfer-encoding"]
    guard lengths.count < 2 else { return .badRequest("The header field Content-Length comes twice.") }
    if let length = lengths.first {
      guard encodings.isEmpty else {
        return .badRequest("A request has Content-Length or Transfer-Encoding, not both.")
      }
      guard (1...18).contains(length.utf8.count), length.utf8.allSatisfy({ (48...57).contains($0) }) else {
        return .badRequest("The header field Content-Length is no number.")
      }
    }
    guard encodings.count < 2, encodings.first.map({ $0.lowercased() == "chunked" }) ?? true else {
      return .badRequest("The only Transfer-Encoding that is understood is \"chunked\".")
    }
    return nil
  }

  /// A path has one spelling here: rules of a proxy, and of this server, look at letters.
  private static func targetProblem(_ target: String) -> ProblemDetails? {
    guard target.utf8.count <= 4096 else {
      return ProblemDetails(
        status: 414, title: "URI Too Long", code: "too_large", detail: "The target has more than 4096 bytes.")
    }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0]
    guard path.utf8.first == UInt8(ascii: "/") else {
      return .badRequest("The target of a request is a path that begins with \"/\".")
    }
    let allowed = path.utf8.allSatisfy { isLetterOrDigit($0) || "-._~*/".utf8.contains($0) }
    let words = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = path == "/" || words.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    guard allowed, isPlain else {
      return .badRequest(
        "A path is words of letters, digits and - . _ ~ * with one \"/\" before each; nothing in it is encoded."
      )
    }
    return parts.count == 2 ? queryProblem(parts[1]) : nil
  }

  private static let secrets: Set<String> = ["token", "access_token", "jwt", "authorization", "bearer"]

  /// URLs end up in logs, histories and referrers. Names are judged as they are read: decoded.
  static func queryProblem(_ query: some StringProtocol) -> ProblemDetails? {
    for pair in query.split(whereSeparator: { $0 == "&" || $0 == ";" }) {
      let name = String(pair.prefix { $0 != "=" })
      guard let decoded = decode(name) else {
        return .badRequest("The query part \"\(name.prefix(64))\" is not percent-encoded UTF-8.")
      }
      // Whatever a reader makes of signs around it.
      let word = decoded.lowercased().filter { $0.isLetter || $0 == "_" || $0 == "-" }
      guard !secrets.contains(word.replacing("-", with: "_")) else {
        return .badRequest(
          "A token never belongs into the URL: send it as \"Authorization: Bearer\" or in hello. "
            + "Treat this one as known to others.")
      }
    }
    return nil
  }

  /// - Returns: nil when it is no percent-encoded UTF-8.
  private static func decode(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
    default: nil
    }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
