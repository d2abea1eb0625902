import Foundation
import FoundationNetworking
import Testing

/// `switchboard events`, as the real program against three nodes.
@Suite("What happens in desks is told", .serialized, .timeLimit(.minutes(10)))
struct DeskEventTests {
  @Test(
    "every node tells what happens in a desk, whoever owns its sessions, and nothing of another; at another node it goes on"
  )
  func told() async throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await eventually("the cluster has desks") { (await cluster.status(1)?["level"] as? Int ?? 0) >= 4 }
    let admin = try cluster.token("admin", "root")
    let created = try await cluster.post(1, "/v1/desks", #"{"desk":"acme"}"#, token: admin)
    #expect(created.0 == 200, "\(created)")

    let supervisor = try cluster.token("supervisor", "sue", desk: "acme")
    let followers = try (1...3).map { try Follower(cluster, at: $0, token: $0 == 3 ? supervisor : admin) }
    defer { for follower in followers { follower.stop() } }
    for follower in followers { try await eventually("the desk's state") { follower.names == ["state"] } }
    for (role, sub) in [("customer", "ann"), ("agent", "anna")] {
      let (code, _) = try await cluster.get(2, "/v1/events", token: try cluster.token(role, sub, desk: "acme"))
      #expect(code == 403)
    }
    let missing = try await cluster.get(2, "/v1/events?desk=nobody", token: admin)
    #expect(missing.0 == 404)

    // One session of each desk, at a node each, so that it is the owner.
    let hidden = try await opened(cluster, 1, try cluster.token("customer", "mia"))
    let ann = try cluster.token("customer", "ann", desk: "acme")
    var sessions: [String] = []
    for node in 1...3 { sessions.append(try await opened(cluster, node, ann)) }
    for (node, session) in sessions.enumerated() {
      let closed = try await cluster.post(
        node + 1, "/v1/sessions/\(session)/close", #"{"reason":"done"}"#, token: ann)
      #expect(closed.0 == 200, "\(closed)")
    }
    let rated = try await cluster.post(
      2, "/v1/sessions/\(sessions[0])/rate", #"{"score":4,"comment":"fine"}"#, token: ann)
    #expect(rated.0 == 200, "\(rated)")
    for follower in followers {
      try await eventually("the rating is told") { follower.names.contains("rated") }
      #expect(follower.names.filter { $0 == "opened" }.count == 3)
      #expect(follower.names.filter { $0 == "closed" }.count == 3)
      #expect(!follower.text.contains(hidden) && !follower.text.contains("mia"))
      // The same events with the same ids everywhere.
      #expect(follower.lines.dropFirst() == followers[0].lines.dropFirst(), "\(follower.text)")
    }
    // Whoever has seen an event goes on behind it on another node.
    let opening = try #require(followers[0].lines.first { $0.contains(#""event":"closed""#) })
    let id = try #require(
      (try JSONSerialization.jsonObject(with: Data(opening.utf8)) as? [String: Any])?["id"] as? String)
    var request = URLRequest(url: try #require(URL(string: cluster.nodes[2].url + "/v1/events")))
    request.setValue("Bearer \(supervisor)", forHTTPHeaderField: "Authorization")
    request.setValue(id, forHTTPHeaderField: "Last-Event-ID")
    cluster.signal(1, SIGKILL)
    let heard = try await firstEvents(request)
    #expect(
      heard.hasPrefix("id: ") && !heard.contains("event: missed") && heard.contains("event: closed"), "\(heard)"
    )
  }

  /// The beginning of a stream: its node ends it when it is stopped, so it is read until it was heard.
  private func firstEvents(_ request: URLRequest) async throws -> String {
    let listener = Listener()
    let session = URLSession(configuration: .ephemeral, delegate: listener, delegateQueue: nil)
    let task = session.dataTask(with: request)
    task.resume()
    defer { session.invalidateAndCancel() }
    try await eventually("events that were missed") { listener.text.contains("event: rated") }
    return listener.text
  }

  private func opened(_ cluster: TestCluster, _ node: Int, _ token: String) async throws -> String {
    let (status, answer) = try await cluster.post(node, "/v1/sessions", #"{"channel":"web"}"#, token: token)
    #expect(status == 201, "\(answer)")
    return try #require(answer["session"] as? String)
  }
}

/// The program, following the desk `acme` at one node.
private struct Follower {
  private let process = Process()
  private let path: String

  init(_ cluster: TestCluster, at node: Int, token: String) throws {
    path = cluster.directory + "/events\(node)"
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    process.executableURL = URL(fileURLWithPath: TestCluster.executable)
    process.arguments = [
      "events", "--desk", "acme", "--json", "--url", cluster.nodes[node - 1].url, "--token", token,
    ]
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
  var lines: [String] { text.split(separator: "\n").map(String.init) }
  var names: [String] {
    lines.compactMap { line in
      (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["event"] as? String
    }
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }
}

/// What has come of an answer that does not end.
private final class Listener: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  private let lock = NSLock()
  private var data = Data()

  var text: String { lock.withLock { String(decoding: data, as: UTF8.self) } }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    lock.withLock { self.data += data }
  }
}
