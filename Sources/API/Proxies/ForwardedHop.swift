internal import Gateway
internal import NIOHTTP1

/// What a request says about the way that it has come, as it was written.
struct ForwardingFields: Equatable, Sendable {
  /// Lines of `X-Forwarded-For`, in order.
  var forwardedFor: [String] = []
  /// Lines of `Forwarded`, in order.
  var forwarded: [String] = []

  init() {}

  init(_ headers: HTTPHeaders) {
    forwardedFor = headers["x-forwarded-for"]
    forwarded = headers["forwarded"]
  }
}

/// One station on the way of a request, nearest to the client first.
enum ForwardedHop: Equatable {
  case address(IPAddress)
  /// An obfuscated one (RFC 7239, section 6.3).
  case name(String)
  /// Not said, or not to be read.
  case unknown

  /// More proxies than these stand behind one another nowhere; those nearest to this node count.
  private static let most = 32
  private static let nameBytes = 64

  /// `X-Forwarded-For`: addresses with commas between them, perhaps with ports.
  static func list(of lines: [String]) -> [ForwardedHop] {
    let words = lines.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
    return words.suffix(most).map { node(trim($0)) }
  }

  /// `Forwarded` (RFC 7239): what cannot be read hides whatever is in it.
  static func standard(of lines: [String]) -> [ForwardedHop] {
    lines.flatMap { line -> [ForwardedHop] in
      var reader = ForwardedReader(line)
      return reader.elements() ?? [.unknown]
    }.suffix(most)
  }

  /// An address, one of IPv6 perhaps in brackets, perhaps with a port, or an obfuscated name.
  static func node(_ text: Substring) -> ForwardedHop {
    var host = text
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return .unknown }
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.first == ":" && isPort(rest.dropFirst()) else { return .unknown }
      let inside = text[text.index(after: text.startIndex)..<end]
      guard inside.contains(":") else { return .unknown }
      return IPAddress(text: inside).map { .address($0) } ?? .unknown
    }
    if let colon = text.firstIndex(of: ":"), text[text.index(after: colon)...].firstIndex(of: ":") == nil {
      guard isPort(text[text.index(after: colon)...]) else { return .unknown }
      host = text[..<colon]
    }
    if host.first == "_" {
      let isName = (2...nameBytes).contains(host.utf8.count) && host.utf8.allSatisfy(isNameCharacter)
      return isName ? .name(String(host)) : .unknown
    }
    return IPAddress(text: host).map { .address($0) } ?? .unknown
  }

  private static func isPort(_ text: Substring) -> Bool {
    if text.first == "_" {
      return (2...nameBytes).contains(text.utf8.count) && text.utf8.allSatisfy(isNameCharacter)
    }
    return (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
  }

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: ".-_".utf8.contains(byte)
    }
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}

/// Reads one line of `Forwarded`: `for=192.0.2.60;proto=http, for="[2001:db8::17]:4711"`.
private struct ForwardedReader {
  private var rest: Substring

  init(_ line: String) { rest = line[...] }

  /// - Returns: nil when it is not of RFC 7239.
  mutating func elements() -> [ForwardedHop]? {
    var hops: [ForwardedHop] = []
    while true {
      guard let hop = element() else { return nil }
      hops.append(hop)
      if rest.isEmpty { return hops }
      // Behind an element stands a comma.
      rest.removeFirst()
    }
  }

  private mutating func element() -> ForwardedHop? {
    var hop: ForwardedHop?
    while true {
      skipSpace()
      if let next = rest.first, next != ",", next != ";" {
        guard let (name, value) = pair() else { return nil }
        if name == "for" {
          guard hop == nil else { return nil }
          hop = ForwardedHop.node(value[...])
        }
      }
      skipSpace()
      switch rest.first {
      case nil, ",": return hop ?? .unknown
      case ";": rest.removeFirst()
      default: return nil
      }
    }
  }

  /// - Returns: the name in lower case, and the value without its quotes.
  private mutating func pair() -> (String, String)? {
    let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    guard !name.isEmpty else { return nil }
    rest.removeFirst(name.count)
    skipSpace()
    guard rest.popFirst() == "=" else { return nil }
    skipSpace()
    guard rest.first == "\"" else {
      let value = rest.prefix { !" \t,;\"".contains($0) }
      guard !value.isEmpty else { return nil }
      rest.removeFirst(value.count)
      return (name.lowercased(), String(value))
    }
    rest.removeFirst()
    var value = ""
    while let character = rest.popFirst() {
      switch character {
      case "\"": return (name.lowercased(), value)
      case "\\":
        guard let escaped = rest.popFirst() else { return nil }
        value.append(escaped)
      default: value.append(character)
      }
    }
    return nil
  }

  private mutating func skipSpace() {
    while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
  }
}
