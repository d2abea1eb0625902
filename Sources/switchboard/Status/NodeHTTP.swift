import AsyncHTTPClient
import Certificates
import Foundation
import NIOCore
import NIOHTTP1
import Verifier

/// What nodes answer over HTTP.
struct NodeHTTP: Sendable {
  /// More than any answer of a node; a page of history is bounded far below.
  static let maximumAnswer = 32 << 20

  var token: String?
  var timeout: TimeAmount = .seconds(2)
  /// A file of authorities, for nodes with TLS; nil: as `NodeClient.trusting`.
  var authorities: String?

  struct Answer: Sendable {
    var status: Int
    var body: Data
    /// Who leads, in the words of one that does not.
    var leader: String?
    /// How long to wait before the same is asked again.
    var retryAfter: Duration?
  }

  func get(_ url: String) async throws -> Answer { try await send(.GET, url, nil) }

  /// - Parameter key: what the request is remembered by.
  func send(_ method: HTTPMethod, _ url: String, _ json: Data?, key: String? = nil) async throws -> Answer {
    var request = HTTPClientRequest(url: url)
    request.method = method
    if let json {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: json))
    }
    request.headers.add(name: "Accept", value: "application/json")
    if let key { request.headers.add(name: "Idempotency-Key", value: key) }
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    let response = try await NodeClient.trusting(authorities).execute(request, timeout: timeout)
    let body = try await response.body.collect(upTo: Self.maximumAnswer)
    return Answer(
      status: Int(response.status.code), body: Data(body.readableBytesView),
      leader: response.headers.first(name: "Switchboard-Leader"),
      retryAfter: response.headers.first(name: "Retry-After").flatMap(Int.init).map { .seconds($0) })
  }

  /// Why there was no answer, in a few words.
  static func reason(_ error: any Error) -> String {
    if let words = TLSFailure.words(for: error, from: .server) { return words }
    let text = String(describing: error)
    if text.contains("refused") { return "connection refused" }
    if text.contains("imeout") || text.contains("deadline") { return "no answer in time" }
    return String(text.prefix(100))
  }

  private struct Problem: Decodable {
    var title: String?
    var detail: String?
    var code: String?
  }

  /// The server's own words for what it did not like.
  static func complaint(_ answer: Answer) -> String {
    let problem = try? JSONDecoder().decode(Problem.self, from: answer.body)
    let words = Terminal.harmless(problem?.detail ?? problem?.title ?? "")
    return words.isEmpty ? "HTTP \(answer.status)" : "\(words) (HTTP \(answer.status))"
  }

  /// The same behind the stable code: `session_closed: The session is closed.`
  static func refusal(_ answer: Answer) -> String {
    let code = (try? JSONDecoder().decode(Problem.self, from: answer.body))?.code
    return (code.map { Terminal.harmless($0) + ": " } ?? "") + complaint(answer)
  }
}

/// Addresses of nodes as people give them.
enum NodeAddresses {
  /// The nodes of `scripts/cluster` on this machine.
  static var development: [String] {
    let base = ProcessInfo.processInfo.environment["SWITCHBOARD_PORT_BASE"].flatMap(Int.init) ?? 8100
    return (1...3).map { "http://127.0.0.1:\(base + $0)" }
  }

  /// Whether it is an address of this machine that nobody else reaches.
  static func isHere(_ url: String) -> Bool {
    guard let host = URLComponents(string: url)?.host else { return false }
    return host == "localhost" || host == "[::1]" || host == "::1" || host.hasPrefix("127.")
  }

  /// `http://host:port` for whatever scheme was given, without a slash at the end.
  static func http(_ url: String) -> String {
    var url = url
    for (from, to) in [("ws://", "http://"), ("wss://", "https://")] where url.hasPrefix(from) {
      url = to + url.dropFirst(from.count)
    }
    if !url.contains("://") { url = "http://" + url }
    while url.hasSuffix("/") { url.removeLast() }
    return url
  }
}
