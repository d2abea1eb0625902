import Foundation
import Synchronization

/// How a node's process is started.
struct NodeLaunch: Sendable {
  var executable: String
  var arguments: [String]
  /// nil: that of this process.
  var environment: [String: String]?
  var workingDirectory: String?
  /// What it prints is appended here.
  var log: String
  /// Where its process id is kept for others; nil: nowhere.
  var pidFile: String?
  var dataDirectory: String?
}

/// The nodes of the cluster that is verified, and their processes, where there is access to them.
package final class NodeFleet: Sendable {
  struct Node: Sendable {
    var number: UInt64
    var name: String
    var url: String
    var peer: String
    /// nil: its process is none of our business.
    var launch: NodeLaunch?
    var pid: Int32?
    var address: NodeAddress { NodeAddress(name: name, url: url) }
  }

  private struct Contents {
    var nodes: [Node]
    var children: [Int32: Process] = [:]
  }

  private let contents: Mutex<Contents>
  /// Makes a node that was not there before; nil: there is no room for one here.
  let makeNode: (@Sendable (_ number: UInt64, _ others: [Node]) async throws -> Node)?
  /// Writes a node's configuration again, with the members of now; nil: it is none of our business.
  let configure: (@Sendable (_ node: Node, _ members: [Node]) throws -> Void)?
  /// Of a cluster of its own, whose processes end when the fleet is dismissed.
  let directory: String?
  /// How many file descriptors each node may have; nil: it is not known.
  let descriptors: Int?
  /// Where each node has a network namespace of its own; nil: all share the network of the machine.
  let site: NamespaceSite?
  /// Why there are no namespaces; nil: nothing was tried.
  let siteRefusal: String?

  init(
    _ nodes: [Node], directory: String? = nil, descriptors: Int? = nil, site: NamespaceSite? = nil,
    siteRefusal: String? = nil,
    makeNode: (@Sendable (_ number: UInt64, _ others: [Node]) async throws -> Node)? = nil,
    configure: (@Sendable (_ node: Node, _ members: [Node]) throws -> Void)? = nil
  ) {
    contents = Mutex(Contents(nodes: nodes))
    self.directory = directory
    self.descriptors = descriptors
    self.site = site
    self.siteRefusal = siteRefusal
    self.makeNode = makeNode
    self.configure = configure
  }

  var nodes: [Node] { contents.withLock { $0.nodes } }
  var addresses: [NodeAddress] { nodes.map(\.address) }
  var hasProcesses: Bool { nodes.allSatisfy { $0.launch != nil } }

  /// Addresses of this machine that nobody else comes from.
  var strangers: [String] {
    if let site { return site.strangers }
    #if os(Linux)
      // All of 127.0.0.0/8 is this machine.
      if nodes.allSatisfy({ $0.host == "127.0.0.1" }) { return (1...4).map { "127.66.0.\($0)" } }
    #endif
    return []
  }

  func node(_ name: String) -> Node? { nodes.first { $0.name == name } }

  // MARK: Processes

  func start(_ name: String) throws {
    guard let node = node(name), let launch = node.launch else { return }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: launch.executable)
    process.arguments = launch.arguments
    if let environment = launch.environment { process.environment = environment }
    if let directory = launch.workingDirectory {
      process.currentDirectoryURL = URL(fileURLWithPath: directory)
    }
    if !FileManager.default.fileExists(atPath: launch.log) {
      _ = FileManager.default.createFile(atPath: launch.log, contents: nil)
    }
    let output = FileHandle(forWritingAtPath: launch.log)
    _ = try output?.seekToEnd()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    try output?.close()
    let pid = process.processIdentifier
    contents.withLock { contents in
      contents.children[pid] = process
      guard let place = contents.nodes.firstIndex(where: { $0.name == name }) else { return }
      contents.nodes[place].pid = pid
    }
    if let file = launch.pidFile { try "\(pid)\n".write(toFile: file, atomically: true, encoding: .utf8) }
  }

  func signal(_ name: String, _ signal: Int32) {
    guard let pid = node(name)?.pid, pid > 1 else { return }
    kill(pid, signal)
  }

  func isRunning(_ name: String) -> Bool {
    guard let pid = node(name)?.pid else { return false }
    if let child = contents.withLock({ $0.children[pid] }) { return child.isRunning }
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    // The state stands behind the name, which may hold anything but ends with the last bracket.
    let state = status.split(separator: ")").last?.first { $0 != " " }
    return state != "Z"
  }

  /// - Returns: whether it has ended in time.
  func awaitEnd(_ name: String, seconds: Double) async -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while isRunning(name) {
      guard ContinuousClock.now < end else { return false }
      try? await Task.sleep(for: .milliseconds(10))
      if Task.isCancelled { return !isRunning(name) }
    }
    contents.withLock { contents in
      guard let place = contents.nodes.firstIndex(where: { $0.name == name }) else { return }
      if let pid = contents.nodes[place].pid { contents.children[pid] = nil }
      contents.nodes[place].pid = nil
    }
    return true
  }

  /// A new disk comes with a configuration of today: the members in the old one may all have been replaced, and the
  /// node has nothing else to know the others from.
  func wipe(_ name: String) throws {
    guard let node = node(name), let directory = node.launch?.dataDirectory, !isRunning(name) else { return }
    try FileManager.default.removeItem(atPath: directory)
    try configure?(node, nodes)
  }

  func add(_ node: Node) { contents.withLock { $0.nodes.append(node) } }
  func forget(_ name: String) { contents.withLock { $0.nodes.removeAll { $0.name == name } } }

  /// Lets all go on that are frozen, and starts those that are down.
  func reviveAll() throws {
    for node in nodes where node.launch != nil {
      signal(node.name, SIGCONT)
      if !isRunning(node.name) { try start(node.name) }
    }
  }

  /// Ends the processes that belong to this fleet alone, and removes its network. Synchronous: also for the way out of an error.
  package func dismiss() {
    guard directory != nil else { return }
    let children = contents.withLock { contents in
      defer { contents.children = [:] }
      return Array(contents.children.values)
    }
    for child in children where child.isRunning {
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
    }
    site?.close()
  }
}
