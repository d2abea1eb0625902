import Foundation
import NIOHTTP1

/// A list of the HTTP interface read to its end, page by page. A node of an earlier release gives all of it at once, and
/// without `next`.
enum WholeList {
  /// More is not read into memory.
  private static let mostPages = 10_000

  static func read(_ path: String, _ member: String, by round: NodeRound) async throws -> Data {
    try await read(path, member) { path in
      let answer = try await round.ask(.GET, path)
      guard answer.status == 200 else { throw CommandFailure(NodeHTTP.refusal(answer)) }
      return answer.body
    }
  }

  /// - Parameters:
  ///   - path: of the list, with its query.
  ///   - member: the one that holds the elements.
  /// - Returns: one document as if there were one page; as it came when there is but one.
  static func read(
    _ path: String, _ member: String, page: (String) async throws -> Data
  ) async throws -> Data {
    let first = try await page(path)
    guard var document = object(first), var cursor = document["next"] as? String else { return first }
    var elements = document[member] as? [Any] ?? []
    for _ in 1..<mostPages {
      let more = try await page(path + (path.contains("?") ? "&" : "?") + "cursor=\(cursor)")
      guard let next = object(more), let found = next[member] as? [Any] else {
        throw CommandFailure("A page of the list is no JSON.")
      }
      elements += found
      guard let further = next["next"] as? String, further != cursor else { break }
      cursor = further
    }
    document[member] = elements
    document["next"] = nil
    if document["more"] != nil { document["more"] = false }
    return try JSONSerialization.data(
      withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func object(_ body: Data) -> [String: Any]? {
    try? JSONSerialization.jsonObject(with: body) as? [String: Any]
  }
}
