import Foundation
import Testing

/// Real proxies, with the files that docs/operations.md has for them.
@Suite("Behind nginx and HAProxy", .serialized, .timeLimit(.minutes(15)))
struct ProxyTests {
  private static let nginx = "/usr/sbin/nginx"
  private static let haproxy = "/usr/sbin/haproxy"
  private static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static func isThere(_ program: String) -> Bool {
    python != nil && FileManager.default.isExecutableFile(atPath: program)
  }

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What stands between the marks of a language, in order.
  private static func files(_ language: String) throws -> [String] {
    let page = try String(
      contentsOf: root.deletingLastPathComponent().appendingPathComponent("docs/operations.md"), encoding: .utf8
    )
    return page.components(separatedBy: "```\(language)\n").dropFirst().map { part in
      part.components(separatedBy: "```")[0]
    }
  }

  /// HAProxy takes no more connections than it may open files.
  private static let fewer = ("maxconn 20000", "maxconn 200")

  /// One node of the cluster for all three: its limits are what is looked at.
  private static func cluster(_ client: [String: Any]) throws -> TestCluster {
    try TestCluster(settings: [
      "client": client, "limits": ["connections_per_address": 2, "rate_per_address": 0],
    ])
  }

  /// The text with other addresses, and a file of it beside the cluster's.
  private static func write(
    _ text: String, _ name: String, _ cluster: TestCluster, port: Int, _ changes: [(String, String)] = []
  ) throws -> String {
    var text = text.replacingOccurrences(of: "8080", with: "\(port)")
    for number in 1...3 {
      text = text.replacingOccurrences(
        of: "10.0.0.\(number):8101", with: "127.0.0.1:\(cluster.nodes[0].clientPort)")
    }
    for (old, new) in changes {
      #expect(text.contains(old), "\(old)")
      text = text.replacingOccurrences(of: old, with: new)
    }
    let path = cluster.directory + "/" + name
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Runs the clients through a proxy, which is ended behind them.
  private static func visit(
    _ cluster: TestCluster, through program: String, _ arguments: [String], port: Int, direct: Int = 0
  ) throws {
    let proxy = Process()
    proxy.executableURL = URL(fileURLWithPath: program)
    proxy.arguments = arguments
    let log = cluster.directory + "/proxy.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    proxy.standardOutput = FileHandle(forWritingAtPath: log)
    proxy.standardError = proxy.standardOutput
    proxy.standardInput = FileHandle.nullDevice
    try proxy.run()
    defer {
      proxy.terminate()
      proxy.waitUntilExit()
    }
    let clients = Process()
    clients.executableURL = URL(fileURLWithPath: try #require(python))
    clients.arguments = [
      root.appendingPathComponent("OutsideClients/proxied.py").path, "\(port)", cluster.directory + "/secret",
      "\(direct)",
    ]
    let output = Pipe()
    clients.standardOutput = output
    clients.standardError = output
    clients.standardInput = FileHandle.nullDevice
    try clients.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    clients.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    let complaints = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    #expect(clients.terminationStatus == 0, "\(text)\n\(complaints)\n\(cluster.log(1).suffix(2000))")
    #expect(text.hasSuffix("as it should be\n"))
  }

  @Test("nginx, with its pool of connections", .enabled(if: isThere(nginx)))
  func nginxPool() async throws {
    let cluster = try Self.cluster(["trusted_proxies": ["127.0.0.1"], "forwarded_header": "x-forwarded-for"])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let port = try TestCluster.freePorts(1)[0]
    let folder = cluster.directory
    // Paths of the machine's own nginx are this test's; nothing else is changed.
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
    let file = try Self.write(
      try #require(Self.files("nginx").first), "nginx.conf", cluster, port: port,
      [("/var/log/nginx/", folder + "/"), ("http {\n", "http {\n" + places.joined(separator: "\n") + "\n")])
    try Self.visit(
      cluster, through: Self.nginx,
      ["-c", file, "-e", folder + "/nginx-error.log", "-g", "daemon off; pid \(folder)/nginx.pid;"], port: port)
  }

  @Test("HAProxy, with HTTP", .enabled(if: isThere(haproxy)))
  func haproxyHTTP() async throws {
    let cluster = try Self.cluster(["trusted_proxies": ["127.0.0.1"], "forwarded_header": "x-forwarded-for"])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let port = try TestCluster.freePorts(1)[0]
    let file = try Self.write(
      try #require(Self.files("haproxy").first), "haproxy.cfg", cluster, port: port, [Self.fewer])
    try Self.visit(cluster, through: Self.haproxy, ["-f", file], port: port)
  }

  @Test(
    "HAProxy, with the PROXY protocol in both versions", .enabled(if: isThere(haproxy)),
    arguments: ["send-proxy-v2", "send-proxy"])
  func haproxyProtocol(word: String) async throws {
    // The proxy connects from an address of its own, so that whatever else is here needs no PROXY header.
    let cluster = try Self.cluster(["trusted_proxies": ["127.0.0.9/32"], "proxy_protocol": true])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let port = try TestCluster.freePorts(1)[0]
    let file = try Self.write(
      try #require(Self.files("haproxy").last), "haproxy.cfg", cluster, port: port,
      [Self.fewer, (" check send-proxy-v2", " check \(word) source 127.0.0.9")])
    try Self.visit(
      cluster, through: Self.haproxy, ["-f", file], port: port, direct: cluster.nodes[0].clientPort)
    #expect(!cluster.log(1).contains("a proxy's connection is closed"))
  }
}
