import Foundation
import SwitchboardClient
import Synchronization

/// A customer who says one numbered thing after the other and remembers what was acknowledged.
final class Speaker: Sendable {
  let connection: SwitchboardConnection
  private let acknowledged = Mutex<[UInt64: String]>([:])

  init(_ cluster: TestCluster, sub: String, first node: Int = 1, timeout: Duration? = nil) throws {
    let token = try cluster.token("customer", sub)
    let urls = (0..<3).map { cluster.nodes[(node - 1 + $0) % 3].url }
    connection = SwitchboardConnection(
      settings: ClientSettings(
        urls: urls, backoff: Backoff(first: .milliseconds(50), longest: .seconds(1)), requestTimeout: timeout)
    ) { token }
  }

  /// Body by sequence, of everything that a quorum was said to have.
  var acks: [UInt64: String] { acknowledged.withLock { $0 } }

  func say(_ text: String, in session: String) async throws {
    let proof = try await connection.send(text, to: session)
    acknowledged.withLock { $0[proof.sequence] = text }
  }

  /// Says `number-0`, `number-1`, ... until `enough` holds.
  func talk(in session: String, until enough: @Sendable () -> Bool) async throws {
    var number = 0
    while !enough() {
      try await say("\(session)-\(number)", in: session)
      number += 1
    }
  }
}

extension TestCluster {
  /// A session's whole history as one node gives it, page by page.
  func history(_ session: String, on node: Int, token: String, local: Bool = false) async throws
    -> [HistoryLine]
  {
    var lines: [HistoryLine] = []
    let end = ContinuousClock.now + .seconds(60)
    while true {
      let path =
        "/v1/sessions/\(session)/messages?after=\(lines.last?.seq ?? 0)&limit=500"
        + (local ? "&consistency=local" : "")
      let (code, data) = try await get(node, path, token: token)
      // A node whose disk was busy until now asks to be asked again.
      if code == 503, !local, ContinuousClock.now < end { continue }
      guard code == 200 else {
        throw TestFailure(
          "history of \(session) on node \(node): \(code) \(String(decoding: data, as: UTF8.self))")
      }
      let page = try JSONDecoder().decode(HistoryAnswer.self, from: data)
      lines += page.messages
      if !page.more { return lines }
    }
  }
}

struct HistoryLine: Decodable, Hashable {
  var seq: UInt64
  var id: String
  var body: String
}

struct HistoryAnswer: Decodable {
  var messages: [HistoryLine]
  var more: Bool
}

/// What may not be: an acknowledged message that is missing or elsewhere, a gap, a repetition.
func violations(acknowledged: [UInt64: String], history: [HistoryLine]) -> [String] {
  var found: [String] = []
  for (place, line) in history.enumerated() where line.seq != UInt64(place + 1) {
    found.append("sequence \(line.seq) stands at place \(place + 1)")
  }
  if Set(history.map(\.body)).count != history.count { found.append("a message was stored twice") }
  for (sequence, body) in acknowledged.sorted(by: { $0.key < $1.key }) {
    let place = Int(sequence) - 1
    if !history.indices.contains(place) {
      found.append("acknowledged \(sequence) is missing")
    } else if history[place].body != body {
      found.append("acknowledged \(sequence) is \(body), history says \(history[place].body)")
    }
  }
  return found
}
