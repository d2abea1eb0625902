import Glibc
import Kernel
import Raft
import Synchronization
import Testing

@testable import Storage

let identity = StoreIdentity(cluster: "test", node: 1)
/// Small, so that a few entries fill a segment; nothing is held back for lack of room.
let small = StoreOptions(segmentBytes: 8192, minimumFreeBytes: 0, retryMilliseconds: 5)

/// A new directory, removed with its last reference.
final class Scratch: Sendable {
  let path: String

  /// - Parameter inMemory: for tests that open many stores and would wait for as many syncs.
  init(inMemory: Bool = false) {
    let disk = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let parent = inMemory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : disk
    var template = [CChar]((parent + "/switchboard-store-XXXXXX").utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    if path.isEmpty { Issue.record("no temporary directory could be made in \(parent)") }
  }

  deinit { Self.removeAll(path) }

  static func removeAll(_ path: String) {
    let directory = Directory(path: path)
    for name in (try? directory.names()) ?? [] {
      if unlink(directory.file(name)) != 0 { removeAll(directory.file(name)) }
    }
    rmdir(path)
  }

  var directory: Directory { Directory(path: path) }

  func names() throws -> [String] { try directory.names() }
  func segments() throws -> [String] { try names().filter { FileNames.segmentNumber($0) != nil } }

  func read(_ name: String) throws -> [UInt8] {
    let file = try File(directory.file(name), .read)
    return try file.read(count: Int(file.size()), at: 0)
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try File(directory.file(name), .create).write(bytes, at: 0)
  }

  /// All files of a closed store in another directory.
  func copy() throws -> Scratch {
    let other = Scratch(inMemory: true)
    for name in try names() { try other.write(name, read(name)) }
    return other
  }

  func flip(_ name: String, at offset: Int, bit: Int = 0) throws {
    var bytes = try read(name)
    bytes[offset] ^= 1 << UInt8(bit)
    try write(name, bytes)
  }

  /// Zeroes part of a file, as if it had never been written.
  func blank(_ name: String, _ range: Range<Int>) throws {
    var bytes = try read(name)
    for place in range { bytes[place] = 0 }
    try write(name, bytes)
  }
}

/// An open store and what it has completed.
final class Running {
  let store: DiskStore
  let recovered: RecoveredState
  let completions = Completions()
  private(set) var number: UInt64 = 0

  init(
    _ scratch: Scratch, options: StoreOptions = small, identity: StoreIdentity = identity,
    syncing: Syncing = .disk,
    start: Bool = true
  ) throws {
    (store, recovered) = try DiskStore.open(
      directory: scratch.path, identity: identity, options: options, syncing: syncing)
    if start { self.start() }
  }

  func start() { store.start { [completions] in completions.add($0) } }

  /// Submits and does not wait; gives the number.
  @discardableResult
  func submit(_ fill: (inout Write) -> Void) -> UInt64 {
    number += 1
    var write = Write(number: number)
    fill(&write)
    store.submit([write])
    return number
  }

  /// Submits and waits until it is durable.
  func write(_ fill: (inout Write) -> Void, line: Int = #line) {
    let number = submit(fill)
    let isDone = completions.wait { $0.durable >= number || $0.failure != nil }
    if !isDone || completions.current.failure != nil {
      Issue.record("write \(number) of line \(line) did not become durable: \(completions.current)")
    }
  }

  func append(_ entries: Entry...) { write { $0.entries = entries } }
}

final class Completions: Sendable {
  enum Edge: Sendable { case full, room }

  struct State: Sendable {
    var durable: UInt64 = 0
    var groups: [UInt64] = []
    var failure: StoreError?
    var failedNumber: UInt64 = 0
    var durableWhenFailed: UInt64 = 0
    var edges: [Edge] = []
  }

  private let state = Mutex(State())
  private let wakeup = Wakeup()

  var current: State { state.withLock { $0 } }

  func add(_ completion: DiskStore.Completion) {
    state.withLock { state in
      switch completion {
      case .durable(let number, _):
        state.durable = number
        state.groups.append(number)
      case .failed(let error, let number):
        state.failure = error
        state.failedNumber = number
        state.durableWhenFailed = state.durable
      case .diskFull: state.edges.append(.full)
      case .roomAgain: state.edges.append(.room)
      }
    }
    wakeup.signal()
  }

  /// Until the condition holds; false after half a minute.
  func wait(_ condition: (State) -> Bool) -> Bool {
    let deadline = monotonicSeconds() + 30
    while monotonicSeconds() < deadline {
      if condition(current) { return true }
      wakeup.wait(milliseconds: 50)
    }
    return condition(current)
  }
}

/// Waits for a condition that nothing announces; false after half a minute.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = monotonicSeconds() + 30
  while monotonicSeconds() < deadline {
    if try condition() { return true }
    sched_yield()
  }
  return try condition()
}

/// An entry whose data follows from its position, of `count` bytes.
func entry(_ index: UInt64, term: UInt64 = 1, count: Int = 20) -> Entry {
  var data: [UInt8] = []
  for place in 0..<count {
    data.append(UInt8(truncatingIfNeeded: 1 + (index &* 31 &+ term &* 7 &+ UInt64(place)) % 255))
  }
  return Entry(
    index: LogIndex(index), term: Term(term), time: 1_000 + index, checksum: CRC32C.checksum(data), data: data)
}

/// SplitMix64: small, seeded, the same everywhere.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// A log alone, without opening the store: nothing is prepared or synced.
func recoverLog(_ scratch: Scratch) throws -> (RecoveredLog, [Entry]) {
  let names = try scratch.names()
  var recovery = LogRecovery(directory: scratch.directory, identity: identity)
  let manifest = try Manifest.read(in: scratch.directory, identity: identity)
  return try recovery.recover(
    names.compactMap(FileNames.segmentNumber).sorted(), newest: manifest.newestSegment, snapshot: nil,
    passedOver: nil)
}

/// The error that `body` throws.
func storeError(_ body: () throws -> Void) -> StoreError? {
  do { try body() } catch { return error as? StoreError }
  return nil
}

/// For tests whose process is to die as in a loss of power of the process alone.
func killOwnProcess() { kill(getpid(), SIGKILL) }
