import Testing

@testable import Verifier

@Suite("What has to come about during a fault")
struct ExpectationTests {
  private func status(_ name: String, leader: String?, full: String? = nil) -> NodeStatus {
    NodeStatus(
      observedBy: name, health: "degraded", leader: leader, term: 1, commitIndex: 1, appliedIndex: 1,
      members: [],
      problems: full.map { [NodeStatus.Problem(code: "disk_full", node: $0)] })
  }

  @Test("a leader whose disk is full is replaced, writes go on, everybody says so")
  func fullDisk() {
    var watch = FullDiskWatch(node: "node1")
    #expect(watch.violations.count == 3)
    watch.saw(
      [("node1", status("node1", leader: "node1", full: "node1")), ("node2", nil)], isWritten: false)
    #expect(watch.violations.count == 3)
    #expect(watch.violations.last?.text.contains("node2 did not say") == true)
    watch.saw(
      [
        ("node1", status("node1", leader: "node2")),
        ("node2", status("node2", leader: "node2", full: "node1")),
      ], isWritten: true)
    #expect(watch.isFulfilled)
    // Another node's disk, or an old leader that believes that it leads, is not what is waited for.
    var other = FullDiskWatch(node: "node1")
    other.saw([("node2", status("node2", leader: "node1", full: "node2"))], isWritten: true)
    #expect(other.violations.map(\.check) == ["full disk", "full disk"])
  }

  @Test("a node with a slow disk makes a snapshot when the others make two, and its log becomes short again")
  func snapshots() {
    var watch = SnapshotWatch(node: "node3")
    for round in 0...2 as ClosedRange<UInt64> {
      watch.saw("node1", snapshot: round * 2000, logBytes: 4 << 20)
      watch.saw("node3", snapshot: 0, logBytes: (round + 1) << 20)
    }
    #expect(watch.wasDue)
    #expect(!watch.hasMade)
    #expect(watch.violations.map(\.check) == ["snapshot"])
    watch.saw("node3", snapshot: 3000, logBytes: 60 << 20)
    #expect(watch.violations.map(\.check) == ["log growth", "log growth"])
    watch.saw("node3", snapshot: 3000, logBytes: 16 << 20)
    #expect(watch.isShort)
    #expect(watch.violations.map(\.check) == ["log growth"])
  }

  @Test("a log that was as long before, and snapshots that nobody had to make, are no violation")
  func quiet() {
    var watch = SnapshotWatch(node: "node3")
    watch.saw("node1", snapshot: 9000, logBytes: 4 << 20)
    watch.saw("node3", snapshot: 9000, logBytes: 9 << 20)
    watch.saw("node1", snapshot: 11_000, logBytes: 4 << 20)
    #expect(!watch.wasDue)
    #expect(watch.violations.isEmpty)
  }

  @Test("a node in a crowd answers for its health and does not grow without bound")
  func crowd() {
    var tally = HealthTally(.crowd, node: "node2", memory: 100 << 20)
    tally.answered("/livez", from: "others", 200, after: 0.1)
    tally.has(memory: 300 << 20)
    #expect(tally.violations.isEmpty)
    tally.answered("/livez", from: "others", 503, after: 1.25)
    tally.answered("/readyz", from: "others", nil, after: 9)
    tally.has(memory: 400 << 20)
    tally.has(memory: 90 << 20)
    #expect(
      tally.violations.map(\.text) == [
        "crowd: node2: 2 of 3 times, first /livez answered 503 to others after 1.3 s",
        "crowd: node2 grew from 100 to 400 MiB; 256 MiB more is the bound",
      ])
  }

  @Test("reads what the system and a node answer")
  func answers() {
    #expect(ProcessFigures.memory(in: "Name:\tx\nVmPeak:\t  9 kB\nVmRSS:\t  2048 kB\n") == 2 << 20)
    #expect(ProcessFigures.memory(in: "Name:\tx\n") == nil)
    #expect(HealthProbe.status(of: "HTTP/1.1 503 Service Unavailable\r\n") == 503)
    #expect(HealthProbe.status(of: "HTTP/1.1 2") == nil)
    #expect(HealthProbe.status(of: "SSH-2.0-x y z") == nil)
  }

  @Test("asks for as much as a session may have, and not a byte more")
  func largeOpens() {
    let bytes = LargeOpens.attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }
    #expect(bytes == 16_384)
    #expect(LargeOpens.attributes.allSatisfy { $0.key.utf8.count <= 128 && $0.value.utf8.count + 2 <= 4096 })
    #expect(LargeOpens.body.utf8.count == 16_384)
  }
}
