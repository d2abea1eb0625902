/// Whose pages may come: one origin as browsers spell it (RFC 6454, section 6.2), all subdomains of a host
/// (`https://*.shop.example`), or everybody (`*`).
package struct OriginPattern: Sendable, Hashable {
  /// Why a text can never be the origin of a page, and what to write instead.
  package struct Problem: Error, Sendable, Hashable {
    package var text: String
  }

  private enum Kind: Hashable {
    case all
    case one(String)
    /// `scheme://` before some label and a dot, `.host[:port]` behind them.
    case below(scheme: String, host: String)
  }

  private let kind: Kind

  /// - Throws: when it would match nothing.
  package init(_ text: String) throws(Problem) {
    if text == "*" {
      kind = .all
      return
    }
    let normal = try Self.normalForm(text)
    guard let star = normal.firstRange(of: "://*.") else {
      kind = .one(normal)
      return
    }
    kind = .below(
      scheme: String(normal[..<star.lowerBound]) + "://",
      host: String(normal[normal.index(before: star.upperBound)...]))
  }

  /// - Parameter origin: the value of the header field `Origin`.
  func matches(_ origin: String) -> Bool {
    let origin = Self.withoutDefaultPort(origin.lowercased())
    switch kind {
    case .all: return true
    case .one(let one): return origin == one
    case .below(let scheme, let host):
      guard origin.hasPrefix(scheme), origin.hasSuffix(host) else { return false }
      let label = origin.dropFirst(scheme.count).dropLast(host.count)
      return origin.utf8.count > scheme.utf8.count + host.utf8.count && label.utf8.allSatisfy(Self.isPartOfHost)
        && label.utf8.first != UInt8(ascii: ".") && label.utf8.last != UInt8(ascii: ".")
    }
  }

  var isAll: Bool { kind == .all }

  // MARK: What can be written

  private static func normalForm(_ text: String) throws(Problem) -> String {
    guard text != "null" else {
      throw Problem(text: "is what any page in a sandbox sends; write \"*\" if every page may come")
    }
    guard let colon = text.firstRange(of: "://") else {
      throw Problem(
        text: "is not an origin; write scheme://host[:port], for instance \"https://\(hint(text))\"")
    }
    let scheme = text[..<colon.lowerBound].lowercased()
    guard let first = scheme.utf8.first, isLetter(first), scheme.utf8.allSatisfy(isPartOfScheme) else {
      throw Problem(text: "has no scheme; write scheme://host[:port], for instance \"https://shop.example\"")
    }
    let rest = text[colon.upperBound...]
    let place = rest.prefix { !"/?#\\".contains($0) }
    var wanted = withoutDefaultPort("\(scheme)://\(place.lowercased())")
    if scheme == "ws" || scheme == "wss" {
      wanted = withoutDefaultPort("http" + wanted.dropFirst(2))
      throw Problem(text: "names a WebSocket; an origin is where the page comes from: write \"\(wanted)\"")
    }
    try check(place: place.lowercased(), scheme: scheme)
    guard wanted == text else {
      let why =
        if place.utf8.count < rest.utf8.count {
          "has a path"
        } else if wanted.lowercased() == text.lowercased() {
          "has capital letters"
        } else {
          "has the port that belongs to its scheme"
        }
      throw Problem(text: "\(why), as the origin of no page has: write \"\(wanted)\"")
    }
    return wanted
  }

  /// Of something without a scheme, as it may have been meant.
  private static func hint(_ text: String) -> String {
    let host = text.prefix { !"/?#\\".contains($0) }.lowercased()
    return host.isEmpty || !host.utf8.allSatisfy({ isPartOfHost($0) || $0 == UInt8(ascii: ":") })
      ? "shop.example" : host
  }

  /// - Parameter place: host and port, lower case.
  private static func check(place: String, scheme: String) throws(Problem) {
    // Apps that show pages from their own files.
    if place.isEmpty, scheme == "file" { return }
    guard !place.contains("@") else { throw Problem(text: "names a user; write scheme://host[:port]") }
    var host = place[...]
    if place.hasPrefix("[") {
      guard let end = place.firstIndex(of: "]"), place[..<end].dropFirst().utf8.allSatisfy(isPartOfAddress)
      else { throw Problem(text: "has no address of IPv6 in its brackets") }
      host = place[...end]
      let port = place[place.index(after: end)...]
      guard port.isEmpty || port.hasPrefix(":") && isPort(port.dropFirst()) else { throw badPort }
      return
    }
    if let colon = place.firstIndex(of: ":") {
      host = place[..<colon]
      guard isPort(place[place.index(after: colon)...]) else { throw badPort }
    }
    var name = host
    if name.hasPrefix("*.") { name = name.dropFirst(2) }
    guard !name.contains("*") else {
      throw Problem(
        text: name == "*"
          ? "matches nothing; write \"*\" alone for every page"
          : "has a * where none can be; it stands for subdomains: \"https://*.shop.example\"")
    }
    guard !name.isEmpty else { throw Problem(text: "names no host; write scheme://host[:port]") }
    guard name.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw Problem(text: "has letters that browsers write otherwise; write the host as xn--...")
    }
    guard name.utf8.count <= 253, name.utf8.allSatisfy(isPartOfHost), !name.hasPrefix("."), !name.contains("..")
    else {
      if name == "." { return }
      throw Problem(text: "names no host; a host has letters, digits, \"-\", \"_\" and single dots")
    }
  }

  private static let badPort = Problem(text: "has no port from 1 to 65535 behind the host")

  private static func isPort(_ text: Substring) -> Bool {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return false
    }
    return text.first != "0" && Int(text).map { $0 <= 65535 } ?? false
  }

  /// Browsers leave out the port that belongs to the scheme; other clients may not.
  private static func withoutDefaultPort(_ origin: String) -> String {
    for (scheme, port) in [("https://", ":443"), ("http://", ":80")]
    where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
      let host = origin.dropFirst(scheme.count).dropLast(port.count)
      // An address of IPv6 without brackets would be none.
      if !host.isEmpty, !host.contains(":") || host.hasSuffix("]") { return scheme + host }
    }
    return origin
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
  private static func isPartOfScheme(_ byte: UInt8) -> Bool {
    isLetter(byte) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
  }
  private static func isPartOfHost(_ byte: UInt8) -> Bool {
    isLetter(byte) || (0x30...0x39).contains(byte) || "-_.".utf8.contains(byte)
  }
  private static func isPartOfAddress(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || ":.".utf8.contains(byte)
  }
}

/// Whose pages may come, at both doors.
struct OriginRules: Sendable {
  private let patterns: [OriginPattern]

  /// - Parameter texts: what is no pattern matches nothing; the configuration has refused it before.
  init(_ texts: [String]) {
    patterns = texts.compactMap { text in try? OriginPattern(text) }
  }

  var isEmpty: Bool { patterns.isEmpty }
  /// Whether all answers are for everybody.
  var allowsAll: Bool { patterns.contains { $0.isAll } }

  func allows(_ origin: String) -> Bool { patterns.contains { $0.matches(origin) } }
}
