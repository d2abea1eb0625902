import Desk
import Foundation
import Protocol
import Testing

@testable import API

@Suite("The HTTP routes")
struct RoutesTests {
  func expectProblem(_ answer: RawAnswer, _ status: Int, _ code: String, naming: String...) throws {
    #expect(answer.status == status, "\(answer)")
    #expect(answer.headers["content-type"] == "application/problem+json")
    let document = try json(answer.body)
    #expect(Set(document.keys) == ["type", "title", "status", "detail", "code"])
    #expect(document["status"] as? Int == status)
    #expect(document["code"] as? String == code)
    let detail = document["detail"] as? String ?? ""
    for part in naming { #expect(detail.contains(part), "\(detail)") }
  }

  // MARK: Status

  static func status() -> ClusterStatus {
    var status = ClusterStatus()
    status.cluster = "dev"
    status.observedBy = "node1"
    status.leader = "node2"
    status.term = 7
    status.commitIndex = 9120
    status.appliedIndex = 9120
    status.problems = [
      .init(code: .peerUnreachable, node: "node3", since: "2025-01-01T00:00:00Z", advice: "x")
    ]
    var member = ClusterStatus.Member()
    member.id = "node1"
    member.state = "alive"
    member.rttMs = 0.3
    member.lastContactMs = 12
    member.matchIndex = 9120
    member.appliedIndex = 9120
    member.lag = 0
    member.level = 2
    member.uptimeS = 810
    member.load = .init()
    var storage = ClusterStatus.Storage()
    storage.diskFreeBytes = 1 << 40
    member.storage = storage
    status.members = [member]
    return status
  }

  @Test("the status has exactly the keys of the protocol")
  func statusKeys() async throws {
    var script = ScriptedCluster.Script()
    script.status = Self.status()
    try await TestServer.run(script) { server async throws in
      let answer = try await server.get("/v1/cluster/status", token: try await TestServer.token())
      #expect(answer.status == 200)
      #expect(answer.headers["content-type"] == "application/json")
      let document = try json(answer.body)
      #expect(
        Set(document.keys) == [
          "cluster", "observed_by", "observed_at", "health", "problems", "leader", "term", "commit_index",
          "applied_index", "level", "quorum", "members", "sessions", "agents",
        ])
      let member = try #require((document["members"] as? [[String: Any]])?.first)
      #expect(
        Set(member.keys) == [
          "id", "address", "client_url", "role", "voter", "state", "reachable", "rtt_ms", "last_contact_ms",
          "match_index", "applied_index", "lag", "version", "level", "uptime_s", "load", "storage",
        ])
      #expect(
        Set((member["load"] as? [String: Any] ?? [:]).keys) == [
          "connections", "sessions", "cpu", "loop_lag_ms", "ack_p99_ms", "age_ms",
        ])
      #expect(
        Set((member["storage"] as? [String: Any] ?? [:]).keys) == [
          "log_bytes", "fsync_p99_ms", "snapshot_index", "disk_free_bytes", "archive_rows",
        ])
      #expect(
        Set((document["quorum"] as? [String: Any] ?? [:]).keys) == [
          "voters", "needed", "reachable", "can_lose",
        ])
      let head = try await RawClient.request(
        port: server.port, "HEAD", "/v1/cluster/status", token: try await TestServer.token())
      #expect(head.status == 200)
      #expect(head.body == "")
    }
  }

  @Test("without a quorum the status still answers 200, and the missing leader is a null")
  func noLeader() async throws {
    var script = ScriptedCluster.Script()
    script.status.health = .noQuorum
    try await TestServer.run(script, openStatus: true) { server async throws in
      let answer = try await server.get("/v1/cluster/status")
      #expect(answer.status == 200)
      #expect(answer.body.contains(#""leader":null"#))
      #expect(answer.body.contains(#""health":"no_quorum""#))
    }
  }

  @Test(
    "status, agents and metrics need a token of an agent or more",
    arguments: [
      "/v1/cluster/status", "/v1/agents", "/metrics",
    ])
  func roles(path: String) async throws {
    try await TestServer.run { server async throws in
      let none = try await server.get(path)
      try expectProblem(none, 401, "unauthorized", naming: "Bearer")
      #expect(none.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
      try expectProblem(
        try await server.get(path, token: try await TestServer.token("c", .customer)), 403, "forbidden",
        naming: "customer", "agent, supervisor, admin")
      for role in [UserRole.agent, .supervisor, .admin] {
        #expect(try await server.get(path, token: try await TestServer.token("a", role)).status == 200)
      }
      try expectProblem(try await server.get(path, token: "x.y.z"), 401, "unauthorized")
      try expectProblem(
        try await server.get(path, headers: ["Authorization: Basic abc"]), 401, "unauthorized",
        naming: "Bearer TOKEN")
    }
  }

  @Test("an open status needs no token and looks at none; agents are never open")
  func openStatus() async throws {
    try await TestServer.run(openStatus: true) { server async throws in
      #expect(try await server.get("/v1/cluster/status").status == 200)
      #expect(try await server.get("/metrics").status == 200)
      #expect(try await server.get("/v1/agents").status == 401)
      #expect(try await server.get("/v1/cluster/status", token: "x.y.z").status == 200)
      #expect(
        try await server.get("/v1/cluster/status", token: try await TestServer.token("c", .customer)).status
          == 200)
    }
  }

  @Test("agents are listed with skills, chats and nodes")
  func agents() async throws {
    var script = ScriptedCluster.Script()
    script.agents = [
      AgentDetail(
        id: AgentID("bob"), name: "Bob", status: .busy, skills: [SkillWeight(skill: "billing", weight: 2500)],
        capacity: 3, chats: [SessionID(rawValue: 4096)], presences: ["node1", "node1", "node3"])
    ]
    try await TestServer.run(script) { server async throws in
      let answer = try await server.get("/v1/agents", token: try await TestServer.token("bob", .agent))
      let agent = try #require((try json(answer.body)["agents"] as? [[String: Any]])?.first)
      #expect(agent["id"] as? String == "bob")
      #expect(agent["status"] as? String == "busy")
      #expect(agent["chats"] as? [String] == ["4096"])
      #expect(agent["nodes"] as? [String] == ["node1", "node1", "node3"])
      #expect((agent["skills"] as? [[String: Any]])?.first?["weight"] as? Double == 2.5)
    }
  }

  // MARK: Sessions

  static func script(_ detail: SessionDetail = .example()) -> ScriptedCluster.Script {
    var script = ScriptedCluster.Script()
    script.sessions = [detail.summary.session: detail]
    script.page = MessagePage(
      messages: [
        Transcribed(
          sequence: Sequence(1), id: "m-1", sender: Person(id: "alice", role: .customer, name: "Alice"),
          kind: .text,
          body: Array("hé \"you\"".utf8), time: 1_700_000_000_123)
      ], more: true)
    return script
  }

  @Test("a session is shown to its customer, its agents, supervisors and admins, and to nobody else")
  func access() async throws {
    try await TestServer.run(Self.script()) { server async throws in
      for (id, role, status) in [
        ("alice", UserRole.customer, 200), ("mallory", .customer, 403), ("bob", .customer, 403),
        ("bob", .agent, 200), ("eve", .agent, 403), ("alice", .agent, 403), ("s", .supervisor, 200),
        ("a", .admin, 200),
      ] {
        let token = try await TestServer.token(id, role)
        for path in ["/v1/sessions/4096", "/v1/sessions/4096/messages"] {
          #expect(try await server.get(path, token: token).status == status, "\(id) \(role) \(path)")
        }
      }
      try expectProblem(try await server.get("/v1/sessions/4096"), 401, "unauthorized")
      #expect(!server.cluster.asked.contains(.messages(SessionID(rawValue: 4096), .after(.zero), limit: 1)))
    }
  }

  @Test(
    "attributes come back as they were given, to the last digit",
    arguments: [
      "1.0", "12345678901234567890", "-0", "1e3", "0.1000", "123456789012345678901234567890.5",
      #"{"a":1.0,"b":[1.50,{"C_d":2e0}]}"#, #""a\u00e9\/b""#, "true", "null", #"{"attributes":{}}"#,
      "[ 1 , 2 ]",
    ])
  func attributes(json text: String) async throws {
    var session = SessionDetail.example()
    session.attributes = [
      Attribute(name: "z \"q\" \\ \n\u{1} é", json: "7"), Attribute(name: "orderId", json: text),
      Attribute(name: "old", json: "no JSON"),
    ]
    try await TestServer.run(Self.script(session)) { server async throws in
      let answer = try await server.get("/v1/sessions/4096", token: try await TestServer.token())
      #expect(answer.body.contains(#""orderId":\#(text)"#), "\(answer.body)")
      let all = try #require(try json(answer.body)["attributes"] as? [String: Any])
      #expect(all["z \"q\" \\ \n\u{1} é"] as? Int == 7)
      #expect(all["old"] as? String == "no JSON")
    }
  }

  @Test("a session is told in full, times as RFC 3339, attributes as the client gave them")
  func session() async throws {
    try await TestServer.run(Self.script()) { server async throws in
      let answer = try await server.get("/v1/sessions/4096", token: try await TestServer.token())
      let document = try json(answer.body)
      #expect(document["session"] as? String == "4096")
      #expect(document["state"] as? String == "active")
      #expect(document["seq"] as? Int == 7)
      #expect(document["agents"] as? [String] == ["bob"])
      #expect((document["customer"] as? [String: Any])?["id"] as? String == "alice")
      #expect(document["priority"] as? Int == -2)
      #expect(document["opened_at"] as? String == "2023-11-14T22:13:20.123Z")
      #expect(document["position"] == nil)
      #expect(document["epoch"] as? Int == 1, "for those who watch over the cluster")
      let own = try await server.get(
        "/v1/sessions/4096", token: try await TestServer.token("alice", .customer))
      #expect(try json(own.body)["epoch"] == nil, "clients never see it")
      let attributes = try #require((document["attributes"] as? [String: Any])?["orderId"] as? [String: Any])
      #expect(attributes["no"] as? Int == 12)
      #expect(attributes["vip"] as? Bool == true)
      let asked = ScriptedCluster.Asked.session(SessionID(rawValue: 4096), local: false)
      #expect(server.cluster.asked == [asked, asked])
    }
    try await TestServer.run(Self.script(.example(state: .queued))) { server async throws in
      let answer = try await server.get("/v1/sessions/4096", token: try await TestServer.token())
      #expect(try json(answer.body)["position"] as? Int == 3)
      #expect(try json(answer.body)["eta_ms"] as? Int == 9000)
    }
  }

  @Test("a session whose customer is gone while it waits says so, and no other does")
  func customerAway() async throws {
    for isAway in [true, false] {
      var detail = SessionDetail.example(state: .queued)
      detail.customerIsAway = isAway
      try await TestServer.run(Self.script(detail)) { server async throws in
        let answer = try await server.get("/v1/sessions/4096", token: try await TestServer.token())
        #expect(try json(answer.body)["customer_away"] as? Bool == (isAway ? true : nil))
      }
    }
  }

  @Test(
    "messages are pages; what was asked for reaches the replica",
    arguments: [
      ("", TranscriptRange.after(.zero), 100),
      ("?after=5&limit=2", .after(Sequence(5)), 2),
      ("?before=9", .before(Sequence(9)), 100),
      ("?since=1700000000000", .since(1_700_000_000_000), 100),
      ("?since=2023-11-14T22:13:20Z", .since(1_700_000_000_000), 100),
      ("?since=2023-11-14T23:13:20.250%2B01:00", .since(1_700_000_000_250), 100),
      ("?since=2023-11-14T23:13:20.250+01:00&limit=1000", .since(1_700_000_000_250), 1_000),
    ])
  func messages(query: String, range: TranscriptRange, limit: Int) async throws {
    try await TestServer.run(Self.script()) { server async throws in
      let answer = try await server.get(
        "/v1/sessions/4096/messages" + query, token: try await TestServer.token())
      #expect(answer.status == 200, "\(answer)")
      let document = try json(answer.body)
      #expect(document["session"] as? String == "4096")
      #expect(document["more"] as? Bool == true)
      let message = try #require((document["messages"] as? [[String: Any]])?.first)
      #expect(Set(message.keys) == ["seq", "id", "from", "role", "name", "kind", "body", "time"])
      #expect(message["body"] as? String == "hé \"you\"")
      #expect(message["time"] as? String == "2023-11-14T22:13:20.123Z")
      #expect(
        server.cluster.asked == [
          .session(SessionID(rawValue: 4096), local: false),
          .messages(SessionID(rawValue: 4096), range, limit: limit),
        ])
    }
  }

  @Test(
    "a bad parameter is refused by name, with its value and what is allowed",
    arguments: [
      ("/v1/sessions/4096/messages?limit=0", "limit", "\"0\"", "1 to 1000"),
      ("/v1/sessions/4096/messages?limit=1001", "limit", "\"1001\"", "1 to 1000"),
      ("/v1/sessions/4096/messages?limit=ten", "limit", "\"ten\"", "whole number"),
      ("/v1/sessions/4096/messages?after=-1", "after", "\"-1\"", "whole number from 0"),
      (
        "/v1/sessions/4096/messages?after=99999999999999999999", "after", "99999999999999999999", "whole number"
      ),
      ("/v1/sessions/4096/messages?after=", "after", "\"\"", "whole number"),
      ("/v1/sessions/4096/messages?before=0", "before", "\"0\"", "from 1"),
      ("/v1/sessions/4096/messages?since=yesterday", "since", "yesterday", "RFC 3339"),
      ("/v1/sessions/4096/messages?since=1969-01-01T00:00:00Z", "since", "1969", "1970"),
      ("/v1/sessions/4096/messages?after=1&before=2", "after", "before", "one of them"),
      ("/v1/sessions/4096/messages?afer=1", "afer", "not known", "after, before, since"),
      ("/v1/sessions/4096/messages?limit=1&limit=2", "limit", "twice", "once"),
      ("/v1/sessions/4096/messages?limit=%FF", "%FF", "percent", "UTF-8"),
      ("/v1/sessions/4096?consistency=strong", "consistency", "strong", "linearizable, local"),
      ("/v1/sessions/4096x", "session id", "4096x", "digits"),
      ("/v1/sessions/0", "session id", "\"0\"", "digits"),
      ("/v1/sessions/18446744073709551616", "session id", "18446744073709551616", "digits"),
      ("/v1/cluster/status?x=1", "x", "not known", "allowed"),
      ("/v1/agents?x", "x", "not known", "allowed"),
    ])
  func badParameters(target: String, first: String, second: String, third: String) async throws {
    try await TestServer.run(Self.script()) { server async throws in
      try expectProblem(
        try await server.get(target, token: try await TestServer.token()), 400, "bad_request", naming: first,
        second,
        third)
    }
  }

  @Test("failures of the replica keep their codes, and what may be tried again says when")
  func failures() async throws {
    try await TestServer.run(Self.script()) { server async throws in
      let token = try await TestServer.token()
      try expectProblem(try await server.get("/v1/sessions/77", token: token), 404, "not_found", naming: "77")
      for (failure, status, retry) in [
        (Failure(.noQuorum, "No quorum."), 503, "1"),
        (Failure(.busy, "Busy.", retryAfterMilliseconds: 2500), 503, "3"),
        (Failure(.rateLimited, "Too fast."), 429, "1"),
      ] {
        server.cluster.change { $0.failure = failure }
        let answer = try await server.get("/v1/sessions/4096", token: token)
        try expectProblem(answer, status, failure.code.rawValue, naming: failure.message)
        #expect(answer.headers["retry-after"] == retry)
        let local = try await server.get("/v1/sessions/4096/messages?consistency=local", token: token)
        #expect(local.status == 200, "a local read needs no quorum")
      }
    }
  }

  // MARK: What is not there

  @Test("what is not there is a 404, and what is there with another method a 405")
  func notThere() async throws {
    try await TestServer.run { server async throws in
      try expectProblem(
        try await server.get("/nothing/here"), 404, "not_found", naming: "/nothing/here", "openapi")
      try expectProblem(try await server.get("/"), 404, "not_found")
      try expectProblem(try await server.get("/v1/sessions/4096/explanations"), 404, "not_found")
      for (method, path) in [
        ("POST", "/v1/cluster/status"), ("DELETE", "/v1/sessions/1"), ("PUT", "/v1/connect"),
        ("PATCH", "/livez"),
        ("OPTIONS", "/metrics"), ("PROPFIND", "/v1/agents"),
      ] {
        let answer = try await RawClient.request(
          port: server.port, method, path, headers: ["Content-Length: 0"])
        try expectProblem(answer, 405, "method_not_allowed", naming: method, "GET")
        #expect(answer.headers["allow"] == "GET, HEAD")
      }
      let head = try await RawClient.request(port: server.port, "HEAD", "/nothing")
      #expect(head.status == 404)
      #expect(head.body == "")
    }
  }

  @Test("a body that is announced too large is refused before it comes, and the connection closed")
  func bodies() async throws {
    try await TestServer.run { server async throws in
      for headers in [
        ["Content-Length: 65537"], ["Content-Length: 100000"], ["Content-Length: 99999999999999"],
      ] {
        let lines = ["GET /livez HTTP/1.1", "Host: a"] + headers
        let text = lines.joined(separator: "\r\n") + "\r\n\r\n"
        let answer = try RawClient.parse(try await RawClient.exchange(port: server.port, [text]) { _ in false })
        try expectProblem(answer, 413, "too_large", naming: "65536")
      }
    }
  }

  @Test("a head with too many or too large fields ends in an error, and others are served")
  func heads() async throws {
    try await TestServer.run { server async throws in
      for extra in [["X: " + String(repeating: "y", count: 20_000)], (0..<150).map { "X\($0): y" }] {
        let text = (["GET /livez HTTP/1.1", "Host: a"] + extra).joined(separator: "\r\n") + "\r\n\r\n"
        let received = try await RawClient.exchange(port: server.port, [text]) { _ in false }
        #expect(!received.contains(" 200 "))
      }
      #expect(try await server.get("/livez").status == 200)
    }
  }

  @Test("several requests go over one connection, also when they come at once")
  func keepAlive() async throws {
    try await TestServer.run { server async throws in
      let request = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
      let last = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      let received = try await RawClient.exchange(port: server.port, [request + request, request, last]) { _ in
        false
      }
      #expect(received.components(separatedBy: "HTTP/1.1 200").count == 5)
    }
  }

  @Test("times are written as RFC 3339 and RFC 9110 have them, and read with any offset")
  func times() {
    #expect(Timestamp.http(Date(timeIntervalSince1970: 784_111_777)) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(Timestamp.text(1_700_000_000_007) == "2023-11-14T22:13:20.007Z")
    #expect(Timestamp.text(0) == "1970-01-01T00:00:00.000Z")
    #expect(Timestamp.text(UInt64.max) == "9999-12-31T23:59:59.999Z")
    for milliseconds: UInt64 in [0, 1, 999, 1_700_000_000_007, 253_402_300_799_999] {
      #expect(Timestamp.milliseconds(Timestamp.text(milliseconds)) == milliseconds)
    }
    #expect(Timestamp.milliseconds("2023-11-14T20:13:20.5-02:00") == 1_700_000_000_500)
    for text in ["", "2023-11-14", "22:13:20Z", "2023-13-14T22:13:20Z", "soon"] {
      #expect(Timestamp.milliseconds(text) == nil, "\(text)")
    }
  }

  // MARK: Health

  @Test("livez says that the process lives, whatever the token")
  func livez() async throws {
    try await TestServer.run { server async throws in
      let answer = try await server.get("/livez", token: "nonsense")
      #expect(answer.status == 200)
      #expect(answer.body == "ok\n")
    }
  }

  @Test("readyz names what fails; verbose shows all, noleader leaves the leader out")
  func readyz() async throws {
    var script = ScriptedCluster.Script()
    script.status = Self.status()
    try await TestServer.run(script) { server async throws in
      #expect(try await server.get("/readyz").body == "ready\n")
      let all = try await server.get("/readyz?verbose").body
      for name in ["leader", "lag", "draining", "disk"] { #expect(all.contains("[+] \(name): ")) }

      server.cluster.change { $0.status.leader = nil }
      let noLeader = try await server.get("/readyz")
      #expect(noLeader.status == 503)
      #expect(noLeader.body.hasPrefix("[-] leader: "))
      #expect(!noLeader.body.contains("[+]"))
      #expect(try await server.get("/readyz?noleader").status == 200)

      server.cluster.change { $0.status.commitIndex += 20_000 }
      #expect(try await server.get("/readyz?noleader").body.contains("[-] lag: 20000"))
      server.cluster.change { $0.status = Self.status() }
      server.cluster.change { $0.status.members[0].state = "draining" }
      #expect(try await server.get("/readyz").body.contains("[-] draining"))
      server.cluster.change { $0.status = Self.status() }
      server.cluster.change { $0.status.members[0].storage?.diskFreeBytes = 5 }
      #expect(try await server.get("/readyz").body.contains("[-] disk: 5 bytes"))
      try expectProblem(
        try await server.get("/readyz?verbose=perhaps"), 400, "bad_request", naming: "verbose", "perhaps",
        "true")
    }
    let own = ReadinessCheck(name: "own", isPassed: false, detail: "not yet")
    try await TestServer.run(script, readiness: [own]) { server async throws in
      let answer = try await server.get("/readyz")
      #expect(answer.status == 503)
      #expect(answer.body == "[-] own: not yet\nnot ready\n")
    }
  }

  // MARK: OpenAPI

  @Test("the description is JSON and lists exactly the routes that are there")
  func description() async throws {
    try await TestServer.run { server async throws in
      let answer = try await server.get("/openapi.json")
      #expect(answer.status == 200)
      #expect(answer.headers["content-type"] == "application/json")
      let document = try json(answer.body)
      #expect(document["openapi"] as? String == "3.1.0")
      let paths = try #require(document["paths"] as? [String: Any])
      let sets: [any RouteSet] = HTTPFrontend.routes(
        cluster: server.cluster, control: server.cluster,
        events: EventBoard(cluster: server.cluster, life: "x"),
        requests: HTTPRequests(cluster: server.cluster, number: 1), figures: { GatewayFigures() },
        readiness: { [] },
        options: HTTPOptions())
      #expect(Set(paths.keys) == Set(sets.flatMap(\.paths)))
      for (path, operations) in paths {
        let methods = sets.filter { $0.paths.contains(path) }.flatMap { set in
          set.methods(of: path).split(separator: ", ").map { $0.lowercased() }.filter { $0 != "head" }
        }
        #expect(Set((operations as? [String: Any] ?? [:]).keys) == Set(methods), "\(path)")
        // Each one is there: whatever it answers, it is not 404 with nothing at the path.
        let target = path.replacingOccurrences(of: "{session}", with: "1")
        #expect(!(try await server.get(target).body.contains("There is nothing")), "\(path)")
      }
      // Every reference leads somewhere.
      let components = try #require(document["components"] as? [String: [String: Any]])
      for part in answer.body.components(separatedBy: "\"$ref\":").dropFirst() {
        let words = part.split(separator: "\"")[1].split(separator: "/")
        #expect(words.count == 4 && components[String(words[2])]?[String(words[3])] != nil, "\(words)")
      }
    }
  }
}
