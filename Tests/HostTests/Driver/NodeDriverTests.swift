import Desk
import Glibc
import Kernel
import NIOCore
import Node
import Peering
import Protocol
import Raft
import Testing

@testable import Host
@testable import Storage

@Suite("A node on its event loop, with real files")
struct NodeDriverTests {
  /// The only member of its cluster, which has run before.
  private func lone() throws -> StoredNode {
    let stored = try StoredNode()
    var state = HardState()
    state.term = Term(1)
    state.commit = LogIndex(1)
    try stored.write(state, [StoredNode.entry(1, StoredNode.membership(1))])
    return stored
  }

  private func isKept(_ node: DrivenNode, _ word: String) -> Bool { node.sink.words.contains(word) }

  @Test("what it has acknowledged is there when it starts again")
  func keeps() async throws {
    let stored = try lone()
    var node = try DrivenNode(stored)
    try await node.start()
    try await node.until("a leader") { try await $0.onLoop { $0.node.raft.role == .leader } }
    node.open("r1", tag: 1)
    try await node.until("the session") { isKept($0, "1 opened") }
    node.call(.read)
    try await node.until("a read") { $0.answered == ["readable"] }
    try await node.stop()
    #expect(node.endings == [])
    node = try DrivenNode(stored)
    try await node.start()
    try await node.until("the session") { try await $0.onLoop { $0.node.state.sessionCounts.queued == 1 } }
    try await node.stop()
  }

  @Test("a sync of the log that fails ends it at once, and nobody is left waiting", arguments: [EIO, ENOSPC])
  func failedSync(code: Int32) async throws {
    let stored = try lone()
    let disk = BreakableDisk(code: code)
    let node = try DrivenNode(stored, disk: disk)
    try await node.start()
    try await node.until("a leader") { try await $0.onLoop { $0.node.raft.role == .leader } }
    node.open("r1", tag: 1)
    try await node.until("the session") { isKept($0, "1 opened") }
    disk.fail(.log)
    node.open("r2", tag: 2)
    try await node.until("its end") { $0.endings.count == 1 }
    #expect(node.endings[0].contains("the disk has failed") && node.endings[0].contains("fdatasync"))
    // What the disk has not kept was never acknowledged; whoever calls is answered.
    #expect(!isKept(node, "2 opened"))
    node.call(.read)
    node.call(.drain(true))
    try await node.until("answers of a node that has ended") { $0.answered == ["busy", "drained"] }
    #expect(try await node.onLoop { !$0.isRunning })
    try await node.stop()
    #expect(node.endings.count == 1)
  }

  @Test("a node that ends while it starts is told so, and whoever waits for its start hears of it")
  func endsWhileStarting() async throws {
    let node = try DrivenNode(try lone())
    await #expect(throws: PeeringError.self) {
      try await node.driver.loop.flatSubmit { [driver = node.driver] in
        let started = driver.start()
        driver.fail(.disk(.io(operation: "fdatasync", file: "log", code: EIO)))
        return started
      }.get()
    }
    try await node.until("its end") { $0.endings.count == 1 }
    try await node.stop()
    #expect(node.endings.count == 1)
  }

  @Test("a full disk does not end it: it says so, refuses what is new, and goes on when there is room")
  func fullDisk() async throws {
    let stored = try lone()
    let node = try DrivenNode(stored, freeBytes: 1 << 20)
    try await node.start()
    try await node.until("a leader") { try await $0.onLoop { $0.node.raft.role == .leader } }
    node.open("r1", tag: 1)
    try await node.until("the session") { isKept($0, "1 opened") }
    node.faults.set(syncDelay: 0, isFull: true)
    try await node.until("the word that the disk is full") { node in
      try await node.onLoop { $0.node.status().problems.contains { $0.code == .diskFull } }
    }
    node.open("r2", tag: 2)
    try await node.until("a refusal") { isKept($0, "2 busy") }
    node.faults.set(syncDelay: 0, isFull: false)
    try await node.until("room") { node in
      try await node.onLoop { !$0.node.status().problems.contains { $0.code == .diskFull } }
    }
    try await node.until("a leader") { try await $0.onLoop { $0.node.raft.role == .leader } }
    node.open("r2", tag: 3)
    try await node.until("the second session") { isKept($0, "3 opened") }
    #expect(node.endings == [])
    try await node.stop()
  }

  @Test("a mark that cannot be written ends it before anything else is written or said")
  func mark() async throws {
    let stored = try StoredNode()
    let disk = BreakableDisk(code: EIO)
    let node = try DrivenNode(stored, members: [1, 2, 3], disk: disk)
    try await node.start()
    node.call(.drain(true))
    try await node.until("its start") { try await $0.onLoop { $0.isRunning } }
    disk.fail(.names)
    // The leader of the cluster takes the node in: its first entry is the first thing to be written.
    let membership = StoredNode.membership(2, 3, joining: [1])
    let entry = StoredNode.entry(1, membership)
    try await node.onLoop { driver in
      driver.take(
        .peer(
          .raft([
            Raft.Message(
              from: NodeID(2), to: NodeID(1), term: Term(1),
              body: .append(
                AppendRequest(
                  previousIndex: .zero, previousTerm: .zero, commit: LogIndex(1), entries: [entry])))
          ]), from: NodeID(2)))
      driver.call(.read) { _ in }
    }
    try await node.until("its end") { $0.endings.count == 1 }
    #expect(node.endings[0].contains("the disk has failed"))
    node.call(.read)
    try await node.until("answers") { $0.answered.contains("busy") && $0.answered.contains("drained") }
    try await node.stop()
    // Nothing of the leader's is on the disk: at its next start the node is as new.
    let (store, recovered) = try DiskStore.open(
      directory: stored.directory, identity: StoredNode.identity, options: StoredNode.options)
    #expect(recovered.entries.isEmpty && recovered.hardState == HardState())
    store.close()
  }

  @Test("what the gateways bring while the loop is busy is taken in turns, all of it, in order")
  func crowd() async throws {
    let stored = try lone()
    let node = try DrivenNode(stored)
    try await node.start()
    try await node.until("a leader") { try await $0.onLoop { $0.node.raft.role == .leader } }
    // While the loop does this, the inbox fills.
    try await node.onLoop { _ in
      for tag in 1...10_000 as ClosedRange<UInt32> {
        node.ask(.history(SessionID(rawValue: 1), .after(.zero), limit: 1), tag: tag)
      }
    }
    try await node.until("all answers") { $0.sink.words.count == 10_000 }
    #expect(node.sink.words == (1...10_000).map { "\($0) not_found" })
    try await node.stop()
  }
}
