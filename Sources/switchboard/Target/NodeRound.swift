import Foundation
import NIOCore
import NIOHTTP1

/// Asks the nodes of a cluster, one after the other, until one of them answers otherwise than that it cannot do it now. The
/// same request goes to each of them, with the same id, so that it is done once.
struct NodeRound {
  /// At least one.
  var urls: [String]
  var http: NodeHTTP
  /// How long to go on; each address is asked once at least.
  var patience: Duration

  /// - Parameter id: what the request is remembered by; nil: it only reads.
  /// - Throws: `CommandFailure` with `notNow`.
  func ask(_ method: HTTPMethod, _ path: String, _ body: Data? = nil, id: String? = nil) async throws
    -> NodeHTTP.Answer
  {
    let end = ContinuousClock.now + patience
    var complaints: [String: String] = [:]
    while true {
      var pause = Duration.milliseconds(200)
      for url in urls {
        var http = http
        // A node that has not answered by then may be frozen.
        http.timeout = .seconds(5)
        do {
          let answer = try await http.send(method, url + path, body, key: id)
          guard Self.isForNow(answer.status) else { return answer }
          complaints[url] = NodeHTTP.refusal(answer)
          if let wait = answer.retryAfter { pause = max(pause, wait) }
        } catch {
          complaints[url] = NodeHTTP.reason(error)
        }
      }
      guard ContinuousClock.now + pause < end else { break }
      try await Task.sleep(for: pause)
    }
    let again = id.map { " It may have been done: with --id \($0) the same request is asked again." } ?? ""
    let lines = urls.compactMap { url in complaints[url].map { "  \(url): \($0)" } }
    throw CommandFailure("No node could do it.\(again)\n" + lines.joined(separator: "\n"), .notNow)
  }

  /// What another node, or the same one a moment later, may answer otherwise.
  static func isForNow(_ status: Int) -> Bool { [429, 502, 503, 504].contains(status) }
}
