import NIOCore
import Peering
import Raft
import Testing
import Wire

@Suite("Frames between nodes", .serialized)
struct FrameDeliveryTests {
  @Test("frames go both ways, each on its lane, with its type and bytes")
  func bothWays() async throws {
    let (one, two) = try await (TestNode.start(1), TestNode.start(2))
    try await TestNode.meet([one, two])
    #expect(try await one.send(.raft, [1, 2, 3], to: two.id))
    #expect(try await one.send(.chunk, [4], to: two.id, lane: .bulk))
    #expect(try await two.send(.notice, [], to: one.id))
    try await two.until("two frames") { _, events in events.frames.count == 2 }
    try await one.until("one frame") { _, events in events.frames.count == 1 }
    let atTwo = try await two.on { _, events in events.frames }
    #expect(atTwo.contains(.frame(.raft, [1, 2, 3], one.id, .control)))
    #expect(atTwo.contains(.frame(.chunk, [4], one.id, .bulk)))
    #expect(try await one.on { _, events in events.frames } == [.frame(.notice, [], two.id, .control)])
    try await one.close()
    try await two.close()
  }

  @Test("a turn ends behind the frames that were read in it, and only behind frames")
  func turns() async throws {
    let (one, two) = try await (TestNode.start(1), TestNode.start(2))
    try await TestNode.meet([one, two])
    for _ in 0..<20 {
      try await one.on { network, _ in
        for number in 0..<10 as Range<UInt8> {
          _ = network.send(.raft, to: NodeID(2), lane: .control) { $0.writeInteger(number) }
        }
        network.flush()
      }
    }
    try await two.until("200 frames and the end of their turn") { _, events in
      events.frames.count == 200 && events.all.last == .turnEnded
    }
    try await two.on { _, events in
      var frames = 0
      for event in events.all {
        switch event {
        case .frame: frames += 1
        case .turnEnded:
          #expect(frames > 0)
          frames = 0
        default: break
        }
      }
      #expect(frames == 0)
      // Frames of one write are read together as a rule: far fewer turns than frames.
      #expect(events.turnsEnded < 200)
    }
    try await one.close()
    try await two.close()
  }

  @Test("a million small frames arrive, all of them and in order")
  func million() async throws {
    let total: UInt64 = 1_000_000
    let (one, two) = try await (TestNode.start(1), TestNode.start(2))
    try await TestNode.meet([one, two])
    let arrivals = Arrivals()
    try await two.on { _, events in events.onFrame = arrivals.take }
    let progress = NIOLoopBoundBox.makeBoxSendingValue(UInt64(0), eventLoop: one.loop)
    try await one.until("all frames are taken") { network, _ in
      var next = progress.value
      // What is dropped at a full queue is offered again in a later turn.
      for _ in 0..<20_000 where next < total {
        guard network.send(.raft, to: NodeID(2), lane: .control, { $0.writeInteger(next) }) else { break }
        next += 1
      }
      network.flush()
      progress.value = next
      return next == total
    }
    try await two.until("all frames have arrived") { _, _ in arrivals.count == total }
    #expect(try await two.on { _, _ in arrivals.misplaced } == 0)
    try await one.close()
    try await two.close()
  }

  /// Counts numbered frames; used on one loop alone.
  private final class Arrivals: @unchecked Sendable {
    private(set) var count: UInt64 = 0
    private(set) var misplaced = 0

    func take(_ payload: ByteBuffer) {
      if payload.getInteger(at: payload.readerIndex, as: UInt64.self) != count { misplaced += 1 }
      count += 1
    }
  }

  @Test("a frame of several megabytes arrives whole, between small ones")
  func large() async throws {
    let (one, two) = try await (TestNode.start(1), TestNode.start(2))
    try await TestNode.meet([one, two])
    let large = [UInt8]((0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try await one.on { network, _ in
      for payload in [[1], large, [2]] {
        #expect(network.send(.raft, to: NodeID(2), lane: .control) { $0.writeBytes(payload) })
      }
      network.flush()
    }
    try await two.until("three frames") { _, events in events.frames.count == 3 }
    let isWhole = try await two.on { _, events in
      events.frames
        == [[1], large, [2]].map { RecordedEvents.Event.frame(.raft, $0, NodeID(1), .control) }
    }
    #expect(isWhole)
    try await one.close()
    try await two.close()
  }

  @Test("a payload above the limit is not sent, and what was sent before it is not harmed")
  func tooLargeToSend() async throws {
    let (one, two) = try await (TestNode.start(1) { $0.maxFrameBytes = 100 }, TestNode.start(2))
    try await TestNode.meet([one, two])
    try await one.on { network, _ in
      #expect(network.send(.raft, to: NodeID(2), lane: .control) { $0.writeRepeatingByte(1, count: 100) })
      #expect(!network.send(.raft, to: NodeID(2), lane: .control) { $0.writeRepeatingByte(2, count: 101) })
      #expect(network.send(.raft, to: NodeID(2), lane: .control) { $0.writeRepeatingByte(3, count: 1) })
      network.flush()
    }
    try await two.until("the frames before and after") { _, events in events.frames.count == 2 }
    try await two.on { _, events in
      #expect(events.frames.last == .frame(.raft, [3], NodeID(1), .control))
    }
    try await one.close()
    try await two.close()
  }

  @Test("nothing is sent to a node that is unknown, not connected, or this one")
  func nobody() async throws {
    let one = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    for node in [1, 2, 9] as [UInt64] {
      #expect(try await !one.send(.raft, [1], to: NodeID(node)))
      #expect(try await !one.on { network, _ in network.isConnected(NodeID(node)) })
    }
    try await one.close()
  }
}
