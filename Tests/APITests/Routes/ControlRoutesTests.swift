import Desk
import Protocol
import Testing

@testable import API

@Suite("Changes of the cluster over HTTP")
struct ControlRoutesTests {
  private func send(
    _ server: TestServer, _ method: String, _ target: String, _ body: String = "", role: UserRole? = .admin
  ) async throws -> RawAnswer {
    var token: String?
    if let role { token = try await TestServer.token("root", role) }
    return try await RawClient.request(
      port: server.port, method, target, token: token, headers: ["Content-Length: \(body.utf8.count)"],
      body: body)
  }

  @Test(
    "an admin adds, replaces, removes, transfers, drains and has a snapshot made; what was asked arrives as it was meant"
  )
  func asked() async throws {
    try await TestServer.run { server async throws in
      let member = MemberAddress(id: 4, name: "node4", peerAddress: "h:1", clientURL: "http://h:2")
      let json = #"{"id":4,"peer":"h:1","client":"http://h:2"#
      #expect(try await send(server, "POST", "/v1/cluster/members", json + #""}"#).body.contains("true"))
      #expect(
        try await send(server, "POST", "/v1/cluster/members", json + #"","replaces":"node2"}"#).status == 200)
      #expect(try await send(server, "DELETE", "/v1/cluster/members/node3").status == 200)
      let moved = try await send(server, "POST", "/v1/cluster/leader", #"{"node":"node2"}"#)
      #expect(moved.status == 200 && moved.body.contains("12.5"))
      #expect(try await send(server, "POST", "/v1/cluster/leader", "{}").status == 200)
      #expect(try await send(server, "POST", "/v1/nodes/node1/drain").status == 200)
      #expect(try await send(server, "DELETE", "/v1/nodes/node1/drain").status == 200)
      let made = try await send(server, "POST", "/v1/snapshots")
      #expect(made.status == 200 && made.body.contains(#""index":42"#) && made.body.contains("node1"))
      let detached = try await send(server, "POST", "/v1/archive/months/2026-09/detach")
      #expect(detached.status == 200 && detached.body.contains("/data/archive/detached/2026-09.sqlite"))
      #expect(try await send(server, "POST", "/v1/archive/months/2026-09/attach").status == 200)
      #expect(try await send(server, "POST", "/v1/archive/months/2026-09/give-up").status == 200)
      let mended = try await send(server, "POST", "/v1/archive/mend", #"{"month":"2026-09"}"#)
      #expect(mended.status == 200 && mended.body.contains(#""damage":"2026-09 is bad""#))
      #expect(mended.body.contains(#""is_whole":false"#) && mended.body.contains(#""rows":7"#))
      #expect(try await send(server, "POST", "/v1/archive/mend", "{}").body.contains("2026-10"))
      #expect(try await send(server, "POST", "/v1/archive/mend", #"{"after":"2026-10"}"#).status == 200)
      #expect(try await send(server, "POST", "/v1/archive/mend").status == 400)
      #expect(
        server.cluster.asked == [
          .change(.add(member)), .change(.replace("node2", with: member)), .change(.remove("node3")),
          .transfer("node2"), .transfer(nil), .drain("node1", true), .drain("node1", false),
          .snapshot, .detach("2026-09"), .attach("2026-09"), .giveUp("2026-09"),
          .mend(month: "2026-09", after: nil), .mend(month: nil, after: nil),
          .mend(month: nil, after: "2026-10"),
        ])
    }
  }

  @Test("a change that goes on by itself is accepted, and its answer says what it waits for")
  func pending() async throws {
    var script = ScriptedCluster.Script()
    script.outcome = .pending("node4 cannot be reached")
    try await TestServer.run(script) { server async throws in
      let answer = try await send(server, "DELETE", "/v1/cluster/members/node3")
      #expect(answer.status == 202)
      #expect(answer.body.contains(#""state":"pending""#) && answer.body.contains("node4 cannot be reached"))
      server.cluster.change { $0.outcome = .unchanged }
      let again = try await send(server, "DELETE", "/v1/cluster/members/node3")
      #expect(again.status == 200 && again.body.contains(#""changed":false"#))
    }
  }

  @Test("nobody below an admin changes anything")
  func roles() async throws {
    try await TestServer.run { server async throws in
      for (method, path, body) in [
        ("POST", "/v1/cluster/members", "{}"), ("DELETE", "/v1/cluster/members/node1", ""),
        ("POST", "/v1/cluster/leader", "{}"), ("POST", "/v1/nodes/node1/drain", ""),
        ("DELETE", "/v1/nodes/node1/drain", ""), ("POST", "/v1/snapshots", ""),
        ("POST", "/v1/archive/months/2026-09/detach", ""), ("POST", "/v1/archive/months/2026-09/attach", ""),
        ("POST", "/v1/archive/months/2026-09/give-up", ""), ("POST", "/v1/archive/mend", "{}"),
        ("PUT", "/v1/development/clock", #"{"ahead_ms":1}"#),
        ("PUT", "/v1/development/disk", "{}"),
        ("PUT", "/v1/development/partition", #"{"nodes":[]}"#),
      ] {
        #expect(try await send(server, method, path, body, role: nil).status == 401, "\(path)")
        #expect(try await send(server, method, path, body, role: .supervisor).status == 403, "\(path)")
      }
      #expect(server.cluster.asked == [])
    }
  }

  @Test("a node that is not meant says which one is, in words and in a header")
  func elsewhere() async throws {
    let leader = MemberAddress(id: 2, name: "node2", peerAddress: "h:1", clientURL: "http://h:8102")
    for (failure, code, status) in [
      (ControlFailure.notLeader(leader), "not_leader", 421), (.elsewhere(leader), "other_node", 421),
      (.notLeader(nil), "no_leader", 503), (.busy("later"), "busy", 503), (.refused("never"), "refused", 409),
      (.notFound("nobody"), "not_found", 404),
    ] {
      var script = ScriptedCluster.Script()
      script.controlFailure = failure
      try await TestServer.run(script) { server async throws in
        let answer = try await send(server, "POST", "/v1/cluster/leader", "{}")
        #expect(answer.status == status)
        #expect(answer.body.contains("\"\(code)\""), "\(answer.body)")
        #expect(answer.headers["switchboard-leader"] == (status == 421 ? leader.clientURL : nil))
      }
    }
  }

  @Test(
    "members that no client could be sent to, or no log could show, are refused before anybody is asked",
    arguments: [
      #""peer":"h:1","client":"javascript:alert(1)""#, #""peer":"h:1","client":"javascript://h:2""#,
      #""peer":"h:1","client":"http://h:2/path?x""#, #""peer":"h:1","client":"http://u@h:2""#,
      #""peer":"h:1","client":"http://h:""#, #""peer":"h:1","client":"http://h:2\nX: y""#,
      #""peer":"h:1","client":"""#, #""peer":"h:0","client":"http://h:2""#,
      #""peer":"h:+1","client":"http://h:2""#,
      #""peer":"h","client":"http://h:2""#, #""peer":"a b:1","client":"http://h:2""#,
      #""peer":"\u001b[31m:1","client":"http://h:2""#, #""peer":"::1:1","client":"http://h:2""#,
      #""peer":"[h]:1","client":"http://h:2""#, #""name":"","peer":"h:1","client":"http://h:2""#,
      #""name":"a\nb","peer":"h:1","client":"http://h:2""#, #""name":"a b","peer":"h:1","client":"http://h:2""#,
      #""name":"\u202enode","peer":"h:1","client":"http://h:2""#, "long name", "long host", "long URL",
    ])
  func badMembers(fields: String) async throws {
    let long = String(repeating: "n", count: 60_000)
    let all =
      switch fields {
      case "long name": "\"name\":\"\(long)\",\"peer\":\"h:1\",\"client\":\"http://h:2\""
      case "long host": "\"peer\":\"\(long):1\",\"client\":\"http://h:2\""
      case "long URL": "\"peer\":\"h:1\",\"client\":\"http://\(long):2\""
      default: fields
      }
    try await TestServer.run { server async throws in
      for replaces in ["", #","replaces":"node2""#] {
        let answer = try await send(server, "POST", "/v1/cluster/members", "{\"id\":4,\(all)\(replaces)}")
        #expect(answer.status == 400, "\(answer)")
        #expect(answer.body.utf8.count < 1000)
      }
      #expect(server.cluster.asked == [])
    }
  }

  @Test(
    "what a log of an earlier release says of a member is shown without what must not be shown",
    arguments: [
      ("node4", "http://h:2", "node4", "http://h:2"), ("x\u{1b}[2J", "http://h:2", "node4", "http://h:2"),
      ("node4", "javascript:alert(1)", "node4", ""), ("node4", "https://[::1]:2", "node4", "https://[::1]:2"),
    ])
  func cleaned(name: String, url: String, shownName: String, shownURL: String) {
    let address = MemberAddress(id: 4, name: name, peerAddress: "h:1", clientURL: url)
    #expect(
      address.cleaned == MemberAddress(id: 4, name: shownName, peerAddress: "h:1", clientURL: shownURL))
    #expect((address.problem == nil) == (address == address.cleaned))
  }

  @Test(
    "a body that says something else is refused with an example",
    arguments: ["", "[]", "{\"id\":\"four\"}", "{\"id\":0,\"peer\":\"h:1\",\"client\":\"http://h:2\"}"])
  func wrongBodies(body: String) async throws {
    try await TestServer.run { server async throws in
      let answer = try await send(server, "POST", "/v1/cluster/members", body)
      #expect(answer.status == 400, "\(answer)")
      #expect(server.cluster.asked == [])
    }
  }
}
