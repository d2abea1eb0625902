import Desk
import Glibc
import Kernel
import Logging
import NIOCore
import NIOPosix
import Node
import Peering
import Protocol
import Raft
import Synchronization
import Testing

@testable import Host
@testable import Storage

/// A disk of which syncs fail while it is told so. All else is real.
final class BreakableDisk: Sendable {
  enum Part: Int { case log, names }
  private let broken = Atomic(-1)
  private let code: Int32

  init(code: Int32) { self.code = code }

  func fail(_ part: Part?) { broken.store(part?.rawValue ?? -1, ordering: .sequentiallyConsistent) }

  var syncing: Syncing {
    Syncing(
      data: { (file) throws(StoreError) in
        try self.check(.log, "fdatasync", file.path)
        try Syncing.disk.data(file)
      },
      whole: Syncing.disk.whole,
      directory: { (path) throws(StoreError) in
        try self.check(.names, "fsync", path)
        try Syncing.disk.directory(path)
      })
  }

  private func check(_ part: Part, _ operation: String, _ path: String) throws(StoreError) {
    guard broken.load(ordering: .sequentiallyConsistent) == part.rawValue else { return }
    throw .io(operation: operation, file: path, code: code)
  }
}

/// Node 1 as the process drives it: a real event loop, real files, a port of its own. The only member of its cluster, or
/// one of three of which the others are not there.
final class DrivenNode: Sendable {
  let driver: NodeDriver
  let inbox = RequestInbox()
  let sink = KeptDeliveries()
  let faults = DiskFaults()
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let ends = Mutex<[String]>([])
  private let answers = Mutex<[String]>([])

  /// Why the node has ended, as the process is told: once.
  var endings: [String] { ends.withLock { $0 } }
  /// Of calls, in the order in which they came.
  var answered: [String] { answers.withLock { $0 } }

  init(_ stored: StoredNode, members: [UInt64] = [1], disk: BreakableDisk? = nil, freeBytes: UInt64 = 0) throws
  {
    var storeOptions = StoredNode.options
    storeOptions.faults = faults
    storeOptions.minimumFreeBytes = freeBytes
    storeOptions.retryMilliseconds = 10
    let (store, recovered) = try DiskStore.open(
      directory: stored.directory, identity: StoredNode.identity, options: storeOptions,
      syncing: disk?.syncing ?? .disk)
    let addresses = members.map { StoredNode.address($0) }
    var options = ReplicaOptions(
      node: NodeConfiguration(cluster: "test", thisNode: StoredNode.address(1), members: addresses, seed: 1),
      peering: PeeringConfiguration(
        cluster: "test", thisNode: NodeID(1), listenHost: "127.0.0.1", listenPort: 0, peers: []),
      dataDirectory: stored.directory)
    options.store = storeOptions
    let ends = Ends()
    driver = try NodeDriver(
      options: options, loop: group.next(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, store: store, recovered: recovered,
      inbox: inbox
    ) { failure in ends.tell?("\(failure)") }
    ends.set { [self] words in self.ends.withLock { $0.append(words) } }
    inbox.attach(sink, as: 0)
  }

  /// Who is told of the node's end, known only once the node is there.
  private final class Ends: Sendable {
    private let closure = Mutex<(@Sendable (String) -> Void)?>(nil)
    func set(_ tell: @escaping @Sendable (String) -> Void) { closure.withLock { $0 = tell } }
    var tell: (@Sendable (String) -> Void)? { closure.withLock { $0 } }
  }

  func start() async throws {
    try await onLoop { $0.attach(self.sink, as: 0) }
    try await driver.loop.flatSubmit { [driver] in driver.start() }.get()
  }

  func stop() async throws {
    try await driver.loop.flatSubmit { [driver] in driver.stop() }.get()
    try await group.shutdownGracefully()
  }

  func onLoop<Value: Sendable>(_ body: @escaping @Sendable (NodeDriver) throws -> Value) async throws -> Value {
    try await driver.loop.submit { [driver] in try body(driver) }.get()
  }

  func ask(_ body: DeskRequest, tag: UInt32) {
    let request = ClientRequest(
      connection: ConnectionID(sink: 0, number: 1), tag: tag,
      person: Person(id: "ann", role: .customer, name: "ann"), desk: .main, body: body)
    if inbox.push([request]) { driver.loop.execute { [driver] in driver.scheduleTurnEnd() } }
  }

  func open(_ id: String, tag: UInt32) {
    ask(
      .open(OpenRequest(id: id, channel: "web", skill: "", intent: "", priority: 0, attributes: [])), tag: tag)
  }

  func call(_ call: NodeCall) {
    driver.loop.execute { [self] in
      driver.call(call) { answer in
        self.answers.withLock { answers in
          switch answer {
          case .readable(let failure): answers.append(failure.map { $0.code.rawValue } ?? "readable")
          case .drained: answers.append("drained")
          case .changed, .transferred, .following, .snapshotIsThere: answers.append("other")
          }
        }
      }
    }
  }

  /// Waits for it, however slow the machine is.
  func until(
    _ what: String, location: SourceLocation = #_sourceLocation,
    _ condition: @Sendable (DrivenNode) async throws -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(120)
    while try await !condition(self) {
      guard ContinuousClock.now < end else {
        Issue.record("waited for: \(what); told \(sink.words), ended \(endings)", sourceLocation: location)
        return
      }
      // A pause between two looks, not a wait for the thing itself.
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}
