import Foundation
import TestCertificates
import Testing

@testable import Server

@Suite("The files of a new cluster")
struct SetupFolderTests {
  private let scratch: ScratchDirectory
  private let now = Int64(Date().timeIntervalSince1970)
  private var path: String { scratch.path + "/made" }

  init() throws { scratch = try ScratchDirectory() }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test(
    "what is written is good for every node, wherever it is",
    arguments: [
      ["10.0.0.1", "10.0.0.2", "10.0.0.3"], ["a.shop.example", "B.shop.example", "c"],
      ["fd00::1", "[fd00::2]"],
      ["192.168.7.1"], ["127.0.0.1", "127.0.0.2", "127.0.0.3"],
    ])
  func good(hosts: [String]) throws {
    var plan = ClusterPlan(hosts: hosts)
    plan.cluster = "shop"
    plan.aliases = ["chat.shop.example", "*.chat.shop.example", "203.0.113.9"]
    plan.origins = ["https://shop.example"]
    plan.dataDirectory = scratch.path + "/data"
    #expect(plan.problems == [])
    try SetupFolder.write(plan, to: path, at: now)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == hosts.count + 2)
    for seat in plan.seats {
      let folder = "\(path)/\(seat.name)"
      let loaded = try ServerConfiguration.load(file: folder + "/switchboard.json", environment: [:])
      let configuration = loaded.configuration
      #expect(loaded.warnings == [])
      let check = NodeCheck(configuration, at: now, isRunning: true)
      #expect(check.problems == [] && check.warnings == [])
      #expect(configuration.nodeID == UInt64(seat.number) && configuration.cluster == "shop")
      #expect(configuration.members.map(\.client) == plan.seats.map(\.client))
      #expect(configuration.thisMember?.peer == seat.peer && !configuration.gossip.keys.isEmpty)
      #expect(configuration.allowedOrigins == plan.origins && configuration.clientTLS != nil)
    }
  }

  @Test("openssl believes the certificates for their hosts, and for no others")
  func certificates() throws {
    try SetupFolder.write(ClusterPlan(hosts: ["10.0.0.1", "b.shop.example"]), to: path, at: now)
    func verify(_ node: String, _ question: String) throws -> Bool {
      try Program.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", "\(path)/ca.pem", "-purpose", "sslserver"]
          + question.split(separator: " ").map(String.init) + ["\(path)/\(node)/node.pem"]
      ).status == 0
    }
    #expect(try verify("node1", "-verify_ip 10.0.0.1"))
    #expect(try verify("node1", "-verify_hostname node1"))
    #expect(try verify("node2", "-verify_hostname b.shop.example"))
    #expect(try !verify("node1", "-verify_ip 10.0.0.2"))
    #expect(try !verify("node2", "-verify_hostname node1"))
    // A node's key signs nobody.
    let text = try Program.run(["openssl", "x509", "-in", "\(path)/node1/node.pem", "-noout", "-text"]).output
    #expect(text.contains("CA:FALSE") && text.contains("TLS Web Client Authentication"))
  }

  @Test("nobody else can read any of it, and no two clusters have the same secrets")
  func modes() throws {
    let hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    let other = scratch.path + "/other"
    for path in [path, other] { try SetupFolder.write(ClusterPlan(hosts: hosts), to: path, at: now) }
    var files = 0
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      var isDirectory: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isDirectory)
      #expect(try mode("\(path)/\(name)") == (isDirectory.boolValue ? 0o700 : 0o600), "\(name)")
      files += isDirectory.boolValue ? 0 : 1
    }
    #expect(files == 20)
    #expect(try mode(path) == 0o700)
    func text(_ file: String) throws -> String { try String(contentsOfFile: file, encoding: .utf8) }
    for file in ["token.secret", "gossip.key"] {
      #expect(try text("\(path)/node1/\(file)") == text("\(path)/node3/\(file)"))
      #expect(try text("\(path)/node1/\(file)") != text("\(other)/node1/\(file)"))
      #expect(try text("\(path)/node1/\(file)").wholeMatch(of: /[0-9a-f]{64}\n/) != nil)
    }
    #expect(try text("\(path)/node1/node.key") != text("\(path)/node2/node.key"))
  }

  @Test("nothing that is there is written over, and what fails leaves nothing behind")
  func keeps() throws {
    try SetupFolder.write(ClusterPlan(hosts: ["10.0.0.1"]), to: path, at: now)
    let key = try Data(contentsOf: URL(fileURLWithPath: path + "/ca.key"))
    #expect(throws: SetupFolder.Failure.self) {
      try SetupFolder.write(ClusterPlan(hosts: ["10.0.0.1"]), to: path, at: now)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/ca.key")) == key)
    let file = try scratch.write("file", "mine")
    for target in [file, file + "/below"] {
      #expect(throws: SetupFolder.Failure.self) {
        try SetupFolder.write(ClusterPlan(hosts: ["10.0.0.1"]), to: target, at: now)
      }
    }
    var plan = ClusterPlan(hosts: ["10.0.0.1"])
    plan.origins = ["https://shop.example/path"]
    #expect {
      try SetupFolder.write(plan, to: scratch.path + "/origin", at: now)
    } throws: {
      "\($0)".contains("client.allowed_origins") && !"\($0)".contains(scratch.path)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
    #expect(left == ["file", "made"])
    // An empty folder is nobody's.
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/empty", withIntermediateDirectories: false)
    try SetupFolder.write(ClusterPlan(hosts: ["10.0.0.1"]), to: scratch.path + "/empty", at: now)
  }

  @Test(
    "what is no plan is told, with what to do",
    arguments: [
      ([], "no host is named"), (["10.0.0.1", "10.0.0.1"], "is named twice"),
      (["::1", "0:0:0:0:0:0:0:1"], "is named twice"), (["Shop", "shop"], "is named twice"),
      (["10.0.0.1:8101"], "is no host"), (["https://10.0.0.1"], "is no host"), (["300.0.0.1"], "is neither"),
      (["a b"], "is neither"), (["0.0.0.0"], "nobody can be reached"),
      (["10.0.0.1", "127.0.0.1", "10.0.0.3"], "means each machine itself"),
      ((1...64).map { "10.0.0.\($0)" }, "at most 63"), (["fe80::1%eth0"], "is neither"),
    ] as [([String], String)])
  func problems(hosts: [String], words: String) {
    let problems = ClusterPlan(hosts: hosts).problems
    #expect(problems.contains { $0.contains(words) }, "\(problems)")
  }

  @Test("names, ports and aliases are judged, too")
  func more() {
    func problems(_ change: (inout ClusterPlan) -> Void) -> [String] {
      var plan = ClusterPlan(hosts: ["10.0.0.1", "10.0.0.2"])
      change(&plan)
      return plan.problems
    }
    #expect(problems { $0.names = ["one"] }.count == 1)
    #expect(problems { $0.names = ["one", "One"] }.count == 1)
    for name in ["..", ".hidden", "a/b", "", "ca.pem"] {
      #expect(problems { $0.names = ["one", name] }.count == 1, "\(name)")
    }
    #expect(problems { $0.cluster = "our cluster" }.count == 1)
    #expect(problems { $0.peerPort = $0.clientPort }.count == 1)
    #expect(problems { $0.clientPort = 70_000 }.count == 1)
    #expect(problems { $0.aliases = ["https://chat.example"] }.count == 1)
    #expect(problems { $0.names = ["frankfurt", "paris"] } == [])
    #expect(
      ClusterPlan(hosts: ["a", "b"]).warning != nil && ClusterPlan(hosts: ["a", "b", "c"]).warning == nil)
  }
}
