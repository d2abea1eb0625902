import Certificates
import Foundation
import Server
import TestCertificates
import Testing

@Suite("What a check of the configuration finds before the start")
struct NodeCheckTests {
  private let authority: TestAuthority
  private let directory: String

  init() throws {
    authority = try TestAuthority()
    directory = authority.directory.path
  }

  private func check(
    _ flags: [String: String], members: String = "1=127.0.0.1:9101=http://127.0.0.1:8101"
  ) throws -> NodeCheck {
    let defaults = [
      "node.id": "1", "members": members, "data.directory": directory + "/data",
      "jwt.secret": String(repeating: "s", count: 32), "client.port": "18101", "peer.port": "19101",
    ]
    let loaded = try ServerConfiguration.load(
      file: nil, flags: defaults.merging(flags) { $1 }, environment: [:], cores: 2, memory: 0)
    return NodeCheck(loaded.configuration, at: Int64(Date().timeIntervalSince1970) + 5, isRunning: true)
  }

  private func peers(_ files: CredentialFiles, ca: String? = nil) -> [String: String] {
    [
      "peer.tls.certificate": files.certificate, "peer.tls.key": files.key,
      "peer.tls.ca": ca ?? files.authority ?? "",
    ]
  }

  @Test("good certificates are good")
  func good() throws {
    let node = try authority.issue("node1", names: "DNS:node1,DNS:localhost,IP:127.0.0.1")
    let check = try check(
      peers(node).merging(["client.tls.certificate": node.certificate, "client.tls.key": node.key]) { $1 },
      members: "1=127.0.0.1:19101=https://127.0.0.1:18101")
    #expect(check.problems == [] && check.warnings == [])
  }

  @Test("certificates that peers would refuse are named, each with what to do")
  func certificates() throws {
    let node = try authority.issue("node1", names: "DNS:node1")
    let other = try authority.issue("node2", names: "DNS:node2")
    let foreign = try TestAuthority()
    let ended = try authority.issue("ended", names: "DNS:node1", validity: "-days -1")
    let mixed = CredentialFiles(certificate: node.certificate, key: other.key, authority: node.authority)
    try Data("nonsense".utf8).write(to: URL(fileURLWithPath: authority.path("nonsense")))
    for (flags, key, words) in [
      (peers(mixed), "peer.tls.key", "does not belong to the certificate"),
      (peers(node, ca: other.certificate), "peer.tls.ca", "is no authority's certificate"),
      (peers(node, ca: authority.path("nonsense")), "peer.tls.ca", "is no certificate in PEM"),
      (peers(node, ca: foreign.path("ca.pem")), "peer.tls.certificate", "is not signed by an authority"),
      (peers(other), "peer.tls.certificate", "peers ask for the DNS name node1"),
      (peers(ended), "peer.tls.certificate", "has ended at"),
    ] {
      let problems = try check(flags).problems
      #expect(
        problems.count == 1 && problems[0].key == key && problems[0].problem.contains(words), "\(problems)")
    }
    try authority.openssl(
      "x509 -req -in node1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile server.ext -out server.pem",
      files: ["server.ext": "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:node1\n"])
    let server = CredentialFiles(
      certificate: authority.path("server.pem"), key: node.key, authority: node.authority)
    #expect(try check(peers(server)).problems.map(\.key) == ["peer.tls.certificate"])
  }

  @Test("the name of a certificate that clients would refuse is a warning, since a proxy may stand there")
  func names() throws {
    let shown = try authority.issue("shown", names: "DNS:*.shop.example", validity: "-days 20")
    let flags = ["client.tls.certificate": shown.certificate, "client.tls.key": shown.key]
    let fits = try check(flags, members: "1=127.0.0.1:19101=https://a.shop.example")
    #expect(fits.problems == [] && fits.warnings.count { $0.contains("in 19 days") } == 1)
    let other = try check(flags, members: "1=127.0.0.1:19101=https://shop.example")
    #expect(other.warnings.contains { $0.contains("is for *.shop.example") })
    let plain = try check(flags, members: "1=127.0.0.1:19101=http://a.shop.example")
    #expect(plain.warnings.contains { $0.contains("write https://") })
  }

  @Test("members that others cannot reach are named")
  func reach() throws {
    let remote = "2=10.0.0.2:9101=http://10.0.0.2:8101,3=node3.example:9101=http://node3.example:8101"
    let loopback = try check([:], members: "1=10.0.0.1:19101=http://10.0.0.1:8101," + remote)
    #expect(loopback.problems.map(\.key) == ["peer.host"])
    let own = try check(
      ["peer.host": "0.0.0.0", "peer.allow_plaintext": "true"],
      members: "1=127.0.0.1:19101=http://10.0.0.1:8101," + remote)
    #expect(own.problems.map(\.key) == ["members"])
    let anywhere = try check(
      ["peer.host": "0.0.0.0", "peer.allow_plaintext": "true"],
      members: "1=10.0.0.1:19101=http://10.0.0.1:8101,2=0.0.0.0:9101=http://10.0.0.2:8101")
    #expect(anywhere.problems.map(\.key) == ["members"])
    let together = try check(
      [:], members: "1=127.0.0.1:19101=http://127.0.0.1:8101,2=127.0.0.1:9102=http://127.0.0.1:8102")
    #expect(together.problems == [] && together.warnings == [])
  }

  @Test("a directory that cannot be used is named, and one that is somebody else's")
  func dataDirectory() throws {
    try Data().write(to: URL(fileURLWithPath: directory + "/file"))
    let file = try check(["data.directory": directory + "/file"]).problems
    #expect(file.map(\.key) == ["data.directory"])
    let below = try check(["data.directory": "/proc/switchboard/data"]).problems
    #expect(getuid() == 0 || below.map(\.key) == ["data.directory"])
    let foreign = try check(["data.directory": directory])
    #expect(foreign.warnings.contains { $0.contains("no data of a node") })
  }
}
