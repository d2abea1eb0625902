internal import Crypto
internal import Hummingbird
internal import NIOCore
internal import Protocol

/// What a document is known by (RFC 9110, section 8.8.3): whoever has kept it is told that it is still the same. It is made of
/// the whole text, so that it changes with everything that can be seen, and is the same on every node.
enum EntityTag {
  static func of(_ body: String) -> String {
    let digest = SHA256.hash(data: Array(body.utf8))
    return "\"" + digest.prefix(16).map { hex($0 >> 4) + hex($0 & 15) }.joined() + "\""
  }

  private static func hex(_ digit: UInt8) -> String { String(digit, radix: 16) }

  /// Whether the reader has the document: `If-None-Match` (section 13.1.2), a list of tags, or `*`.
  static func isKnown(_ tag: String, by headers: HTTPFields) -> Bool {
    let lists = headers.filter { $0.name.rawName.lowercased() == "if-none-match" }.map(\.value)
    return lists.contains { list in
      list.split(separator: ",").contains { word in
        let word = word.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
        let given = String(word)
        return given == "*" || given == tag || given == "W/" + tag
      }
    }
  }

  /// To do it in spite of a condition that nobody looks at would be what the client has forbidden.
  /// - Parameter matches: whether `If-Match` is looked at: for operations of a session.
  /// - Throws: 400 when the request has one.
  static func refuseCondition(_ headers: HTTPFields, matches: Bool) throws(ProblemDetails) {
    let conditions = matches ? ["if-unmodified-since"] : ["if-match", "if-unmodified-since"]
    guard let condition = headers.first(where: { conditions.contains($0.name.rawName.lowercased()) }) else {
      return
    }
    throw .badRequest(
      "Nothing is changed on that condition here: leave the header field \(condition.name.rawName) out.",
      code: "unsupported")
  }
}
