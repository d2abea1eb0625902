import Certificates
import Foundation
import SwitchboardClient
import TestCertificates
import Testing

@Suite("TLS of a node, on real processes", .serialized, .timeLimit(.minutes(15)))
struct ClientTLSTests {
  /// Node 3 speaks TLS to its clients; the others do not.
  private func withTLS(
    days: Int = 90, _ body: (TestCluster, TestAuthority, CredentialFiles, String) async throws -> Void
  ) async throws {
    let authority = try TestAuthority()
    let files = try authority.issue("shown", validity: "-days \(days)")
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    cluster.kill9(3)
    try cluster.rewrite(3) { config in
      var client = config["client"] as? [String: Any] ?? [:]
      client["tls"] = ["certificate": files.certificate, "key": files.key]
      config["client"] = client
    }
    try cluster.start(3)
    try await body(cluster, authority, files, "https://127.0.0.1:\(cluster.nodes[2].clientPort)")
  }

  private func status(_ cluster: TestCluster, _ url: String, _ ca: String) throws -> [String: Any] {
    let (output, _) = try cluster.run(["cluster", "status", "--url", url, "--ca", ca, "--json"])
    return try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
  }

  private func certificate(_ status: [String: Any]) -> [String: Any]? {
    let own = (status["members"] as? [[String: Any]])?.first { $0["id"] as? String == "node3" }
    return (own?["certificates"] as? [[String: Any]])?.first
  }

  private func problems(_ status: [String: Any]) -> [String] {
    (status["problems"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
  }

  @Test("the command line and the client go through TLS, and say what is wrong when they cannot")
  func commands() async throws {
    try await withTLS { cluster, authority, _, url in
      let ca = authority.path("ca.pem")
      try await eventually("node 3 is there") {
        certificate(try status(cluster, url, ca))?["days_left"] as? Int == 89
      }
      let table = try cluster.run(["cluster", "status", "--url", url, "--ca", ca]).output
      #expect(table.contains("CERTS END") && table.contains(" 89d "), "\(table)")
      let said = try cluster.run(
        [
          "chat", "--role", "customer", "--as", "ben", "--url", url, "--ca", ca, "--secret-file",
          cluster.directory + "/secret", "--stay", "2s",
        ], input: "my bill is wrong\n")
      #expect(said.status == 0 && said.output.contains("✓"), "\(said)")
      let stranger = try cluster.run(["cluster", "status", "--url", url], complaints: true)
      #expect(stranger.status == 1 && stranger.output.contains("--ca FILE"), "\(stranger)")
      try await eventually("the node says, too, why that one does not get through") {
        cluster.log(3).contains("it does not know the authority of this node's certificate")
      }
      let plain = "http" + url.dropFirst("https".count)
      let refused = try cluster.run(["cluster", "status", "--url", plain], complaints: true)
      #expect(refused.output.contains("https://"), "\(refused)")
      let other = "https://127.0.0.1:\(cluster.nodes[0].clientPort)"
      let unspoken = try cluster.run(["cluster", "status", "--url", other, "--ca", ca], complaints: true)
      #expect(unspoken.output.contains("does not speak TLS"), "\(unspoken)")
      let page = try Program.run(["curl", "-sS", "--cacert", ca, url + "/metrics"]).output
      #expect(page.contains("switchboard_certificate_expiry_seconds{use=\"client\"} "), "\(page.suffix(400))")
    }
  }

  @Test("files that change are taken, files that are wrong are not, and both are said")
  func renewal() async throws {
    try await withTLS { cluster, authority, files, url in
      let ca = authority.path("ca.pem")
      try await eventually("node 3 is there") { certificate(try status(cluster, url, ca)) != nil }
      // The key of another certificate, and an expired one: what was good stays.
      let good = try Data(contentsOf: URL(fileURLWithPath: files.key))
      let other = try authority.issue("other", validity: "-days -1")
      try Data(contentsOf: URL(fileURLWithPath: other.key)).write(to: URL(fileURLWithPath: files.key))
      try await eventually("it says that they do not belong together") {
        cluster.log(3).contains("does not belong to the certificate")
      }
      try await eventually("its status says so, too") {
        problems(try status(cluster, url, ca)).contains("certificate_refused")
      }
      try Data(contentsOf: URL(fileURLWithPath: other.certificate)).write(
        to: URL(fileURLWithPath: files.certificate))
      try await eventually("it says that the new one has ended") { cluster.log(3).contains("has ended at") }
      #expect(certificate(try status(cluster, url, ca))?["days_left"] as? Int == 89)
      // One that ends soon is taken, with a warning.
      let soon = try authority.issue("soon", validity: "-days 5")
      for (from, to) in [(soon.certificate, files.certificate), (soon.key, files.key)] {
        try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to))
      }
      cluster.signal(3, SIGHUP)
      try await eventually("it is shown") {
        certificate(try status(cluster, url, ca))?["days_left"] as? Int == 4
      }
      try await eventually("its end is a problem, and in the log") {
        let codes = problems(try status(cluster, url, ca))
        return codes.contains("certificate_expires") && !codes.contains("certificate_refused")
          && cluster.log(3).contains("ends within a week")
      }
      #expect(!good.isEmpty && cluster.log(3).contains("read again: new connections use them"))
    }
  }

  @Test("a connection goes on when its node's certificate changes, and the next one sees the new certificate")
  func connectionOutlivesRenewal() async throws {
    try await withTLS { cluster, authority, files, url in
      let ca = authority.path("ca.pem")
      try await eventually("node 3 is there") { certificate(try status(cluster, url, ca)) != nil }
      let token = try cluster.token("customer", "ann")
      let connection = SwitchboardConnection(settings: ClientSettings(urls: [url]), authorities: ca) { token }
      let connects = Shared(0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await connection.run() }
        group.addTask {
          for await event in connection.events { if case .connected = event { connects.change { $0 += 1 } } }
        }
        let session = try await connection.open().session
        #expect(try await connection.send("before", to: session).sequence == 1)
        let newer = try authority.issue("newer", validity: "-days 40")
        for (from, to) in [(newer.certificate, files.certificate), (newer.key, files.key)] {
          try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to))
        }
        cluster.signal(3, SIGHUP)
        try await eventually("the new certificate is used") {
          certificate(try status(cluster, url, ca))?["days_left"] as? Int == 39
        }
        let port = "\(cluster.nodes[2].clientPort)"
        let shown = try Program.run(
          ["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-CAfile", ca]).output
        let body = try String(contentsOfFile: newer.certificate, encoding: .utf8).split(separator: "\n")[2]
        #expect(shown.contains("Verify return code: 0") && shown.contains(body), "\(shown.suffix(2000))")
        #expect(try await connection.send("behind", to: session).sequence == 2)
        #expect(connects.value == 1)
        group.cancelAll()
      }
    }
  }

  @Test("peers change their certificates one after the other, while they are connected")
  func peers() async throws {
    let authority = try TestAuthority()
    let cluster = try TestCluster()
    defer { cluster.stop() }
    _ = try await cluster.leader()
    for number in 1...3 {
      cluster.kill9(number)
      let files = try authority.issue("node\(number)", names: "DNS:node\(number)")
      try cluster.rewrite(number) { config in
        var peer = config["peer"] as? [String: Any] ?? [:]
        peer["tls"] = ["certificate": files.certificate, "key": files.key, "ca": authority.path("ca.pem")]
        config["peer"] = peer
      }
    }
    for number in 1...3 { try cluster.start(number) }
    _ = try await cluster.leader()
    for number in 1...3 {
      let newer = try authority.issue("newer\(number)", names: "DNS:node\(number)", validity: "-days 40")
      for (from, to) in [(newer.certificate, "node\(number).pem"), (newer.key, "node\(number).key")] {
        try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: authority.path(to)))
      }
      try await eventually("node \(number) has taken it") {
        cluster.log(number).contains("read again: new connections use them")
      }
    }
    cluster.kill9(1)
    try cluster.start(1)
    try await eventually("all reach one another") {
      let members = await cluster.status(2)?["members"] as? [[String: Any]] ?? []
      return members.count == 3 && members.allSatisfy { $0["reachable"] as? Bool == true }
    }
  }
}

extension TestCluster {
  /// The file of a node, which is to be started anew, says something else.
  func rewrite(_ number: Int, _ change: (inout [String: Any]) -> Void) throws {
    let file = URL(fileURLWithPath: nodes[number - 1].config)
    var config = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    change(&config)
    try JSONSerialization.data(withJSONObject: config).write(to: file)
  }
}
