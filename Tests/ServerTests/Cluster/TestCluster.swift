import Foundation
import FoundationNetworking
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Three real processes of the real program, and more where a test adds them, on free ports, with data in a folder of
/// their own.
final class TestCluster: Sendable {
  struct Node: Sendable {
    var number: Int
    var clientPort: Int
    var peerPort: Int
    var config: String
    var url: String { "http://127.0.0.1:\(clientPort)" }
  }

  let directory: String
  let nodes: [Node]
  private let first: Int
  /// How many files a node may open, soft and hard; nil: as many as the tests.
  private let openFiles: Int?
  /// By node: what stands in its environment beside that of the tests.
  private let environments: [Int: [String: String]]
  private let processes = Mutex<[Int: Process]>([:])
  private let binary: Shared<String>

  /// Writes the configuration and starts the first three nodes, which gossip as in production.
  ///
  /// - Parameters:
  ///   - spare: how many nodes there are beside the first three, which the test starts and adds.
  ///   - dataDirectories: where a node's data is, when not in the cluster's folder.
  ///   - binary: what the first three are started with.
  ///   - backup: the cluster is not begun: its nodes are restored from it. Then `settings` name the cluster.
  ///   - environments: by node, what stands in its environment beside that of the tests.
  ///   - erasures: the list of those who were erased since that backup.
  ///   - first: the number of the first node; `nodes` has others before it, which are of no use.
  init(
    settings: [String: Any] = [:], spare: Int = 0, dataDirectories: [Int: String] = [:],
    binary: String = TestCluster.executable, openFiles: Int? = nil, from backup: String? = nil,
    erasures: String? = nil, first: Int = 1, environments: [Int: [String: String]] = [:]
  ) throws {
    self.environments = environments
    self.binary = Shared(binary)
    self.openFiles = openFiles
    self.first = first
    let directory = NSTemporaryDirectory() + "switchboard-test-" + UUID().uuidString
    self.directory = directory
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let count = first + 2 + spare
    let ports = try Self.freePorts(count * 2)
    nodes = (0..<count).map { place in
      Node(
        number: place + 1, clientPort: ports[place], peerPort: ports[place + count],
        config: directory + "/node\(place + 1).json")
    }
    try Self.secret(48).write(toFile: directory + "/secret", atomically: true, encoding: .utf8)
    let gossipSecret = Self.secret(64)
    for node in nodes {
      var config: [String: Any] = [
        "cluster": "test", "node": ["id": node.number],
        "members": Array(members(max(first + 2, node.number)).dropFirst(first - 1)),
        "client": ["host": "127.0.0.1", "port": node.clientPort, "threads": 1, "open_status": true],
        "peer": ["host": "127.0.0.1", "port": node.peerPort],
        "data": ["directory": dataDirectories[node.number] ?? directory + "/data\(node.number)"],
        "storage": ["segment_bytes": "8MiB"],
        "jwt": ["secret_file": directory + "/secret"],
        "gossip": ["keys": [["id": 1, "secret": gossipSecret]]],
        "limits": ["rate_per_connection": 0, "rate_per_address": 0],
      ]
      let client = config["client"] as? [String: Any] ?? [:]
      let jwt = config["jwt"] as? [String: Any] ?? [:]
      config.merge(settings) { _, new in new }
      config["jwt"] = jwt.merging(settings["jwt"] as? [String: Any] ?? [:]) { _, new in new }
      // The port is the node's own.
      config["client"] = client.merging(settings["client"] as? [String: Any] ?? [:]) { _, new in new }
      try JSONSerialization.data(withJSONObject: config).write(to: URL(fileURLWithPath: node.config))
    }
    let firstThree = nodes[(first - 1)..<(first + 2)]
    for node in backup == nil ? firstThree.prefix(1) : firstThree {
      let beginning =
        backup.map {
          ["restore", "--from", $0] + (erasures.map { ["--erasures", $0] } ?? ["--without-erasures"])
        } ?? ["begin"]
      let (output, status) = try run(beginning + ["--config", node.config], complaints: true)
      guard status == 0 else { throw TestFailure("no cluster could be begun: \(output)") }
    }
    for node in firstThree { try start(node.number) }
  }

  /// As in a configuration file.
  func members(_ count: Int) -> [[String: Any]] {
    nodes.prefix(count).map {
      ["id": $0.number, "name": "node\($0.number)", "peer": "127.0.0.1:\($0.peerPort)", "client": $0.url]
    }
  }

  /// The file of one node, which is to be started anew, says something else about the members.
  func rewriteMembers(of number: Int, _ change: ([[String: Any]]) -> [[String: Any]]) throws {
    let file = URL(fileURLWithPath: nodes[number - 1].config)
    var config = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    config["members"] = change(config["members"] as? [[String: Any]] ?? [])
    try JSONSerialization.data(withJSONObject: config).write(to: file)
  }

  private static func secret(_ digits: Int) -> String {
    String((0..<digits).map { _ in "0123456789abcdef".randomElement() ?? "0" })
  }

  deinit {
    stop()
  }

  func stop() {
    let running = processes.withLock { processes in
      defer { processes = [:] }
      return Array(processes.values)
    }
    for process in running where process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(atPath: directory)
  }

  // MARK: Nodes

  /// Of formats, as a cluster of this release alone has it.
  static let newestLevel = 10

  /// Waits until the cluster is at that level: what is new there is refused before (`upgrading`).
  func untilRaised(seenBy node: Int) async throws {
    try await eventually("the cluster is at the newest level") {
      await status(node)?["level"] as? Int == Self.newestLevel
    }
  }

  /// The program that the tests were built with.
  static var executable: String {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("switchboard").path
  }

  /// Starts a node with the program that was last named.
  ///
  /// - Parameter path: nil: that of the start before.
  func start(_ number: Int, with path: String? = nil) throws {
    if let path { binary.set(path) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary.value)
    process.arguments = ["serve", "--config", nodes[number - 1].config]
    if let openFiles {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", "ulimit -n \(openFiles); exec \"$0\" \"$@\"", binary.value, "serve", "--config",
        nodes[number - 1].config,
      ]
    }
    if let more = environments[number] {
      process.environment = ProcessInfo.processInfo.environment.merging(more) { _, new in new }
    }
    let log = directory + "/node\(number).log"
    if !FileManager.default.fileExists(atPath: log) {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
    }
    let output = FileHandle(forWritingAtPath: log)
    _ = try output?.seekToEnd()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    processes.withLock { $0[number] = process }
  }

  func kill9(_ number: Int) {
    guard let process = processes.withLock({ $0.removeValue(forKey: number) }) else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func signal(_ number: Int, _ signal: Int32) {
    guard let process = processes.withLock({ $0[number] }) else { return }
    kill(process.processIdentifier, signal)
  }

  func isRunning(_ number: Int) -> Bool { processes.withLock { $0[number]?.isRunning ?? false } }

  func processID(_ number: Int) -> Int32? { processes.withLock { $0[number]?.processIdentifier } }

  /// Waits for the process to end by itself.
  func exitCode(_ number: Int) async throws -> Int32 {
    guard let process = processes.withLock({ $0[number] }) else { return -1 }
    try await eventually("node \(number) ends") { !process.isRunning }
    return process.terminationStatus
  }

  /// The signal that has ended the process of a node by itself, as a trap does; nil: it runs, or has ended with a code.
  func endingSignal(_ number: Int) -> Int32? {
    guard let process = processes.withLock({ $0[number] }), !process.isRunning,
      process.terminationReason == .uncaughtSignal
    else { return nil }
    return process.terminationStatus
  }

  func log(_ number: Int) -> String {
    (try? String(contentsOfFile: directory + "/node\(number).log", encoding: .utf8)) ?? ""
  }

  /// Runs the program once.
  ///
  /// - Parameter complaints: whether standard error belongs to the output, too.
  /// - Returns: what it printed to standard output.
  func run(
    _ arguments: [String], input: String? = nil, complaints: Bool = false
  ) throws -> (output: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.executable)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = complaints ? output : FileHandle.nullDevice
    if let input {
      let pipe = Pipe()
      process.standardInput = pipe
      try process.run()
      try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try pipe.fileHandleForWriting.close()
    } else {
      process.standardInput = FileHandle.nullDevice
      try process.run()
    }
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
  }

  func token(_ role: String, _ sub: String, desk: String? = nil, expires: String = "24h") throws -> String {
    let (output, status) = try run(
      ["token", "--role", role, "--sub", sub, "--expires", expires, "--config", nodes[first - 1].config]
        + (desk.map { ["--desk", $0] } ?? []))
    let line = output.split(separator: "\n").first { $0.split(separator: ".").count == 3 }
    guard status == 0, let line else { throw TestFailure("no token: \(output)") }
    return String(line)
  }

  // MARK: Status

  /// - Returns: nil when the node does not answer soon: it may be frozen, and whoever waits for something asks again.
  func status(_ number: Int) async -> [String: Any]? {
    guard let (code, data) = try? await get(number, "/v1/cluster/status", within: 10), code == 200 else {
      return nil
    }
    return try? JSONSerialization.jsonObject(with: data) as? [String: Any]
  }

  func get(
    _ number: Int, _ path: String, token: String? = nil, within seconds: Double = patience
  ) async throws -> (Int, Data) {
    guard let url = URL(string: nodes[number - 1].url + path) else { throw TestFailure("bad path \(path)") }
    var request = URLRequest(url: url, timeoutInterval: seconds)
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
  }

  /// The `ETag` of a document.
  func tag(_ number: Int, _ path: String, token: String) async throws -> String {
    guard let url = URL(string: nodes[number - 1].url + path) else { throw TestFailure("bad path \(path)") }
    var request = URLRequest(url: url, timeoutInterval: patience)
    request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
    let (_, response) = try await URLSession.shared.data(for: request)
    guard let tag = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "ETag") else {
      throw TestFailure("\(path) has no ETag")
    }
    return tag
  }

  /// - Returns: the status, and what was answered.
  func put(_ number: Int, _ path: String, _ json: String, token: String) async throws -> (Int, String) {
    guard let url = URL(string: nodes[number - 1].url + path) else { throw TestFailure("bad path \(path)") }
    var request = URLRequest(url: url, timeoutInterval: patience)
    request.httpMethod = "PUT"
    request.httpBody = Data(json.utf8)
    request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
    let (data, response) = try await URLSession.shared.data(for: request)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
  }

  /// Asks for an operation over HTTP.
  /// - Returns: the status, and the members of what was answered.
  func post(
    _ number: Int, _ path: String, _ json: String, key: String? = nil, ifMatch: String? = nil, token: String
  ) async throws -> (Int, [String: Any]) {
    let (status, data) = try await send(number, path, json, key: key, ifMatch: ifMatch, token: token)
    return (status, try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:])
  }

  /// As `post`.
  /// - Returns: the status, and what was answered.
  func send(
    _ number: Int, _ path: String, _ json: String, key: String? = nil, ifMatch: String? = nil, token: String
  ) async throws -> (Int, Data) {
    guard let url = URL(string: nodes[number - 1].url + path) else { throw TestFailure("bad path \(path)") }
    var request = URLRequest(url: url, timeoutInterval: patience)
    request.httpMethod = "POST"
    request.httpBody = Data(json.utf8)
    request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
    if let key { request.setValue(key, forHTTPHeaderField: "Idempotency-Key") }
    if let ifMatch { request.setValue(ifMatch, forHTTPHeaderField: "If-Match") }
    let (data, response) = try await URLSession.shared.data(for: request)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
  }

  /// The number of the node that says of itself that it leads, once nobody is on the way of becoming a member.
  func leader(among numbers: [Int] = [1, 2, 3]) async throws -> Int {
    let found = Shared(0)
    try await eventually("a leader among \(numbers)") {
      for number in numbers {
        if let status = await self.status(number), let leader = status["leader"] as? String,
          leader == "node\(number)", !(status["change"] is [String: Any])
        {
          found.set(number)
          return true
        }
      }
      return false
    }
    return found.value
  }

  // MARK: Ports

  /// Below the range from which the system gives ports to connections: nobody else takes them by chance.
  static func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    var ports: [Int] = []
    for _ in 0..<1_000 where ports.count < count {
      let port = Int.random(in: 12_000..<30_000)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(descriptor)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let isFree = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      if isFree { ports.append(port) }
    }
    guard ports.count == count else { throw TestFailure("no free ports") }
    return ports
  }
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
