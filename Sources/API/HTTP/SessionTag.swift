internal import Desk
internal import Hummingbird
internal import Protocol

/// The tag of a session's document: its version, which operations can be bound to, and then what the whole text is known by,
/// which is another one as well when only the place in the line has moved.
enum SessionTag {
  /// - Parameter text: of the document.
  static func of(_ text: String, _ version: SessionVersion) -> String {
    "\"" + version.text + "-" + EntityTag.of(text).dropFirst()
  }

  /// What `If-Match` expects (RFC 9110, section 13.1.1): a list of tags, or `*` for whatever is there. A weak tag, or one that
  /// is of no session, is met by none.
  /// - Throws: 400 when it is no list of tags, or has more than `Expectation.most`.
  static func expectation(_ headers: HTTPFields) throws(ProblemDetails) -> Expectation {
    let lists = headers.filter { $0.name.rawName.lowercased() == "if-match" }.map(\.value)
    guard !lists.isEmpty else { return .none }
    var versions: [SessionVersion] = []
    var count = 0
    for word in lists.flatMap({ $0.split(separator: ",") }).map({ trimmed($0) }) {
      count += 1
      if word == "*", lists.count == 1, lists[0].split(separator: ",").count == 1 { return .none }
      let isWeak = word.hasPrefix("W/")
      let opaque = isWeak ? word.dropFirst(2) : word[...]
      guard opaque.utf8.count >= 2, opaque.hasPrefix("\""), opaque.hasSuffix("\"") else {
        throw .badRequest("The header field If-Match is no list of tags in quotes, and not *.")
      }
      if !isWeak, let version = version(opaque.dropFirst().dropLast()) { versions.append(version) }
    }
    guard count > 0 else { throw .badRequest("The header field If-Match names no tag.") }
    guard count <= Expectation.most else {
      throw .badRequest("The header field If-Match names \(count) tags; \(Expectation.most) are allowed.")
    }
    return Expectation(versions: versions)
  }

  private static func trimmed(_ word: Substring) -> String {
    let start = word.drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  private static func version(_ tag: Substring) -> SessionVersion? {
    let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 2 ? SessionVersion(text: parts[0]) : nil
  }
}
