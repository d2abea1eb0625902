import Foundation
import SwitchboardClient
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Connections that say nothing.
private final class SilentCrowd: Sendable {
  private let sockets: [Int32]

  init(_ count: Int, port: Int) {
    var sockets: [Int32] = []
    for _ in 0..<count {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else { break }
      // A port whose queue is full answers nobody.
      var patience = timeval(tv_sec: 0, tv_usec: 100_000)
      setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let isConnected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      if isConnected { sockets.append(descriptor) } else { close(descriptor) }
    }
    self.sockets = sockets
  }

  var count: Int { sockets.count }

  deinit { for socket in sockets { close(socket) } }
}

/// One HTTP connection that stays open.
private final class HeldClient: Sendable {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw TestFailure("no connection to \(port): \(errno)") }
  }

  deinit { close(descriptor) }

  /// - Returns: the status of the answer; 0: there was none.
  func ask(_ path: String) throws -> Int {
    let request = Array("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return 0 }
    var answer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &answer, answer.count, 0)
    guard count > 12 else { return 0 }
    return Int(String(decoding: answer[9..<12], as: UTF8.self)) ?? 0
  }
}

/// File descriptors are what clients and the log have in common.
@Suite("More connections than file descriptors", .serialized, .timeLimit(.minutes(15)))
struct CrowdTests {
  private static var settings: [String: Any] {
    [
      "storage": ["segment_bytes": "1MiB"], "raft": ["snapshot_entries": 100],
      "limits": ["rate_per_connection": 0, "rate_per_address": 0, "connections_per_address": 0],
    ]
  }

  /// Of a running process, the soft limit alone.
  private func setLimit(_ files: Int, of process: Int32) throws {
    let tool = Process()
    tool.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
    tool.arguments = ["--pid", "\(process)", "--nofile=\(files):"]
    try tool.run()
    tool.waitUntilExit()
    guard tool.terminationStatus == 0 else { throw TestFailure("prlimit failed for \(process)") }
  }

  private func snapshots(_ cluster: TestCluster, _ node: Int) -> Int {
    let names = try? FileManager.default.contentsOfDirectory(atPath: cluster.directory + "/data\(node)")
    return (names ?? []).count { $0.hasPrefix("snapshot") }
  }

  @Test("hundreds of silent connections at both ports cost no node its disk, and no customer an answer")
  func silent() async throws {
    let cluster = try TestCluster(settings: Self.settings, openFiles: 256)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let speaker = try Speaker(cluster, sub: "ben")
    let running = Task { try await speaker.connection.run() }
    let session = try await speaker.connection.open().session
    let isOver = Shared(false)
    let strangers = Shared(0)
    try await withThrowingTaskGroup { group in
      group.addTask {
        // They come again as they are shown out.
        var crowds: [[SilentCrowd]] = []
        while !isOver.value {
          crowds.append(
            cluster.nodes.flatMap { node in
              [SilentCrowd(300, port: node.clientPort), SilentCrowd(150, port: node.peerPort)]
            })
          strangers.set(strangers.value + (crowds.last ?? []).map(\.count).reduce(0, +))
          if crowds.count > 2 { crowds.removeFirst() }
        }
      }
      try await eventually("there is a crowd") { strangers.value > 1000 }
      let body = String(repeating: "x", count: 12_000)
      for number in 0..<900 { try await speaker.say("\(number) \(body)", in: session) }
      isOver.set(true)
      try await group.waitForAll()
    }
    await speaker.connection.shutDown()
    _ = await running.result
    #expect(speaker.acks.count == 900)
    for node in 1...3 {
      #expect(cluster.isRunning(node), "\(cluster.log(node).suffix(2000))")
      try await eventually("node \(node) has made snapshots") { snapshots(cluster, node) > 0 }
      for _ in 0..<5 { #expect(try await cluster.get(node, "/livez").0 == 200) }
    }
  }

  @Test(
    "a node from whom the system takes all descriptors waits for them, and has lost nothing then",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/prlimit"), "there is no prlimit here"))
  func takenAway() async throws {
    let cluster = try TestCluster(settings: Self.settings)
    defer { cluster.stop() }
    let leader = try await cluster.leader()
    let victim = leader % 3 + 1
    let speaker = try Speaker(cluster, sub: "ben", first: leader)
    let running = Task { try await speaker.connection.run() }
    let session = try await speaker.connection.open().session
    try await speaker.say("first", in: session)
    let process = try #require(cluster.processID(victim))
    try setLimit(8, of: process)
    let body = String(repeating: "x", count: 12_000)
    // Several segments and snapshots, for which files have to be opened.
    for number in 0..<400 { try await speaker.say("\(number) \(body)", in: session) }
    #expect(cluster.isRunning(victim), "\(cluster.log(victim).suffix(2000))")
    try setLimit(1024, of: process)
    await speaker.connection.shutDown()
    _ = await running.result
    let token = try cluster.token("admin", "root")
    try await eventually("node \(victim) has all of it") {
      let lines = try? await cluster.history(session, on: victim, token: token, local: true)
      return lines?.count == speaker.acks.count
    }
    #expect(cluster.isRunning(victim))
  }

  /// Of a process: the highest descriptor that is open, and the processor time that it has used, in ticks of the system.
  private func figures(of process: Int32) throws -> (highest: Int, ticks: Int) {
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").compactMap { Int($0) }
    let stat = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
    return (open.max() ?? 0, (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0))
  }

  @Test(
    "when the system has no descriptor left, whoever comes is answered 503, and the loop does not spin",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/prlimit"), "there is no prlimit here"))
  func nothingLeft() async throws {
    let cluster = try TestCluster(settings: Self.settings)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    let process = try #require(cluster.processID(1))
    let port = cluster.nodes[0].clientPort
    // Whatever is open below the highest one, a few can come.
    try setLimit(try figures(of: process).highest + 9, of: process)
    // Those who came first stay: they have each asked for something.
    var clients: [HeldClient] = []
    var last = 200
    while last == 200, clients.count < 400 {
      let client = try HeldClient(port: port)
      last = try client.ask("/livez")
      if last == 200 { clients.append(client) }
    }
    #expect(last == 503)
    for _ in 0..<20 { #expect(try HeldClient(port: port).ask("/livez") == 503) }
    #expect(cluster.log(1).contains("the system has nothing left for another client"))
    // Nobody speaks, and somebody waits in the kernel's queue all the time.
    let before = try figures(of: process).ticks
    let began = ContinuousClock.now
    let silent = SilentCrowd(60, port: port)
    try await eventually("four seconds are over") { ContinuousClock.now - began >= .seconds(4) }
    let used = Double(try figures(of: process).ticks - before) / Double(sysconf(Int32(_SC_CLK_TCK)))
    let seconds = Double((ContinuousClock.now - began).components.seconds)
    #expect(used < seconds * 0.35, "\(used) s of the processor in \(seconds) s")
    #expect(silent.count > 0)
    try setLimit(1024, of: process)
    try await eventually("the node serves again") { (try? HeldClient(port: port).ask("/livez")) == 200 }
    #expect(clients.count > 0)
    for client in clients { #expect(try client.ask("/livez") == 200) }
  }

  @Test("fewer descriptors than the configured clients need are a problem in every node's status")
  func fewer() async throws {
    let cluster = try TestCluster(settings: ["limits": ["max_connections": 5_000]], openFiles: 600)
    defer { cluster.stop() }
    _ = try await cluster.leader()
    for asked in 1...3 {
      for node in 1...3 {
        try await eventually("node \(asked) says it of node \(node)") {
          let problems = await cluster.status(asked)?["problems"] as? [[String: Any]] ?? []
          return problems.contains {
            $0["code"] as? String == "limits_low" && $0["node"] as? String == "node\(node)"
          }
        }
      }
    }
  }

  @Test("too few descriptors for any service are refused at the start, with what to do")
  func tooFew() async throws {
    let cluster = try TestCluster(openFiles: 100)
    defer { cluster.stop() }
    #expect(try await cluster.exitCode(1) != 0)
    #expect(cluster.log(1).contains("ulimit -n"))
  }
}
