import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("States that differ")
struct StateDigestTests {
  /// A node of a cluster of level 2.
  private func member() throws -> LoneNode {
    var node = try LoneNode()
    node.commit([
      Submission(origin: Origin(server: ServerID(2), request: 1), command: .raiseLevel(RaiseLevel(.second)))
    ])
    node.persist()
    #expect(node.node.state.level == .second && node.node.state.digest != 0)
    return node
  }

  private func tell(_ node: inout LoneNode, _ peer: UInt64, _ digests: [StateDigest]) {
    var notice = NodeNotice()
    notice.level = .newest
    notice.digests = digests
    node.take(.peer(.notice(notice), from: NodeID(peer)))
    node.endTurn()
  }

  @Test("equal logs give equal digests, and any other entry or effect another one for good")
  func digest() {
    func state(_ flip: Bool = false, checksum: UInt32 = 7) -> ReplicatedState {
      var state = ReplicatedState()
      var effects: [Effect] = []
      let origin = Origin(server: ServerID(1), request: 1)
      state.apply(
        [Submission(origin: origin, command: .raiseLevel(RaiseLevel(.second)))], index: 1, now: 5,
        into: &effects)
      state.seal(index: 1, term: 1, checksum: checksum, effects)
      if flip { state.flipBit() }
      let open = OpenSession(
        customer: Person(id: "c", role: .customer, name: "c"), requestID: "r", channel: "", skill: "",
        intent: "",
        priority: 0, attributes: [], owner: ServerID(1))
      effects = []
      state.apply([Submission(origin: origin, command: .open(open))], index: 2, now: 6, into: &effects)
      let send = SendMessage(
        session: SessionID(rawValue: 2 << 12), epoch: Epoch(1), id: "m", sender: open.customer, kind: .text,
        body: Array("hello".utf8))
      state.apply([Submission(origin: origin, command: .send(send))], index: 2, now: 6, into: &effects)
      state.seal(index: 2, term: 1, checksum: 9, effects)
      return state
    }
    #expect(state().digest == state().digest)
    #expect(state().digest != state(checksum: 8).digest)
    #expect(state().digest != state(true).digest)
    let read = try? ReplicatedState(snapshot: state().encodedSnapshot())
    #expect(read?.digest == state().digest)
  }

  @Test("one that differs from a majority stops and ends; one that differs from one says so and goes on")
  func outvoted() throws {
    var node = try member()
    let own = try #require(node.node.integrity.digests.told.first)
    tell(&node, 2, [own])
    #expect(!node.node.status().problems.contains { $0.code == .stateDiffers })
    let other = StateDigest(index: own.index, value: own.value ^ 1)
    tell(&node, 2, [other])
    #expect(node.node.status().problems.contains { $0.code == .stateDiffers && $0.node == "node2" })
    #expect(node.node.standstill == nil)
    // What is not known here cannot be compared.
    tell(&node, 3, [StateDigest(index: own.index + 100, value: 1)])
    #expect(node.node.standstill == nil)
    tell(&node, 3, [other])
    #expect(node.node.standstill != nil)
    node.pass(600, isLed: false)
    #expect(node.failure?.staysDown?.contains("differs") == true)
  }

  @Test("what is told is found again, until more than the ring holds was applied")
  func ring() {
    var ring = DigestRing()
    #expect(ring.told.isEmpty && ring.value(at: 0) == nil)
    for index in 1...5_000 as ClosedRange<UInt64> { ring.record(index, index * 3) }
    #expect(ring.told.map(\.index) == [5_000, 4_096])
    #expect(ring.value(at: 5_000) == 15_000 && ring.value(at: 3_977) == 11_931 && ring.value(at: 3_976) == nil)
    #expect(ring.value(at: 1_024) == 3_072 && ring.value(at: 1_025) == nil && ring.value(at: 5_001) == nil)
    ring.begin(at: 9_000, 1)
    #expect(ring.value(at: 5_000) == nil && ring.value(at: 9_000) == 1)
  }
}
