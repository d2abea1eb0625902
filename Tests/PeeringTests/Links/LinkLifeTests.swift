import NIOCore
import Peering
import Protocol
import Raft
import Testing
import Wire

@Suite("Links and their ends", .serialized)
struct LinkLifeTests {
  @Test("the end of a peer is seen on all its connections, and its return is found without being asked")
  func restart() async throws {
    let one = try await TestNode.start(1)
    var two = try await TestNode.start(2)
    try await TestNode.meet([one, two])
    let address = two.address
    try await two.close()
    try await one.until("all four connections have ended") { network, events in
      Lane.allCases.allSatisfy { !events.isUp(NodeID(2), $0) } && events.losses(of: NodeID(2)).count == 2
        && !network.isConnected(NodeID(2))
    }
    try await one.until("dialing finds nobody") { _, events in events.ends(of: NodeID(2)).contains(.refused) }
    #expect(try await !one.send(.raft, [1], to: address.id))
    two = try await TestNode.start(2, port: address.port, peers: [one.address])
    try await one.waitForLinks(to: two.id)
    try await two.waitForLinks(to: one.id)
    #expect(try await one.send(.raft, [2], to: two.id))
    try await two.until("the frame") { _, events in events.frames.count == 1 }
    try await one.close()
    try await two.close()
  }

  @Test("a peer that does not read has a bounded number of bytes waiting, and is given up in the end")
  func queueBound() async throws {
    let mute = try await MutePeer.start(2, reads: false)
    let bound = 1 << 20
    let one = try await TestNode.start(1, peers: [mute.address]) {
      $0.maxQueuedControlBytes = bound
      $0.silenceTimeout = .seconds(5)
    }
    try await one.waitForLinks(to: NodeID(2))
    let payload = [UInt8](repeating: 7, count: 10_000)
    let taken = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: one.loop)
    let refused = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: one.loop)
    try await one.until("frames are dropped, turn after turn") { network, _ in
      for _ in 0..<50 {
        if network.send(.raft, to: NodeID(2), lane: .control, { $0.writeBytes(payload) }) {
          taken.value += payload.count
          refused.value = 0
        } else {
          refused.value += 1
        }
      }
      network.flush()
      return refused.value >= 5_000 || network.isConnected(NodeID(2)) == false
    }
    // What the systems on both sides keep in their own buffers is above the bound, but far from endless.
    #expect(try await one.on { _, _ in taken.value } < bound + (64 << 20))
    #expect(try await one.on { _, _ in taken.value } > bound / 2)
    try await one.until("the silent link is ended") { _, events in
      events.ends(of: NodeID(2)).contains(.timedOut)
    }
    try await one.close()
    try await mute.close()
  }

  @Test("a frame above the bound of the queue is taken while nothing waits")
  func neverStuck() async throws {
    let (one, two) = try await (TestNode.start(1) { $0.maxQueuedControlBytes = 100 }, TestNode.start(2))
    try await TestNode.meet([one, two])
    try await one.until("the large frame is taken") { network, _ in
      let taken = network.send(.raft, to: NodeID(2), lane: .control) { $0.writeRepeatingByte(1, count: 5_000) }
      if taken {
        #expect(!network.send(.raft, to: NodeID(2), lane: .control) { $0.writeInteger(1 as UInt8) })
      }
      network.flush()
      return taken
    }
    try await two.until("it has arrived") { _, events in events.frames.count == 1 }
    try await one.close()
    try await two.close()
  }

  @Test("a peer that reads and never answers a ping is given up")
  func silence() async throws {
    let mute = try await MutePeer.start(2, reads: true)
    let one = try await TestNode.start(1, peers: [mute.address]) {
      $0.pingInterval = .milliseconds(20)
      $0.silenceTimeout = .milliseconds(200)
    }
    try await one.until("both links time out") { _, events in
      events.ends(of: NodeID(2)).filter { $0 == .timedOut }.count >= 2
    }
    try await one.close()
    try await mute.close()
  }

  @Test("a connected peer that says nothing any more is lost")
  func inboundSilence() async throws {
    let one = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)]) {
      $0.pingInterval = .milliseconds(20)
      $0.silenceTimeout = .milliseconds(200)
    }
    let raw = try await RawPeer.connect(to: one.port)
    try await raw.greet(as: 2, to: 1)
    #expect(try await raw.reply().refusal == nil)
    try await one.until("it is lost") { _, events in events.losses(of: NodeID(2)) == [.timedOut] }
    try await raw.ended()
    try await one.close()
  }

  @Test("pings measure the round trip and keep the contact fresh")
  func roundTrip() async throws {
    let (one, two) = try await (
      TestNode.start(1) { $0.pingInterval = .milliseconds(5) },
      TestNode.start(2) { $0.pingInterval = .milliseconds(5) }
    )
    try await TestNode.meet([one, two])
    try await one.until("a round trip") { network, _ in (network.roundTrip(of: NodeID(2)) ?? 0) > 0 }
    let first = try await one.on { network, _ in try #require(network.lastContact(of: NodeID(2))) }
    try await one.until("a later contact") { network, _ in network.lastContact(of: NodeID(2))! > first }
    #expect(try await one.on { network, _ in network.roundTrip(of: NodeID(9)) } == nil)
    #expect(try await one.on { network, _ in network.lastContact(of: NodeID(9)) } == nil)
    try await one.close()
    try await two.close()
  }

  @Test("a newer connection of a peer takes the place of the older, which is no loss")
  func replaced() async throws {
    let one = try await TestNode.start(1, peers: [PeerAddress(id: NodeID(2), host: "127.0.0.1", port: 1)])
    let older = try await RawPeer.connect(to: one.port)
    try await older.greet(as: 2, to: 1)
    #expect(try await older.reply().refusal == nil)
    let newer = try await RawPeer.connect(to: one.port)
    try await newer.greet(as: 2, to: 1)
    #expect(try await newer.reply().refusal == nil)
    try await older.ended()
    try await newer.send(frame(.notice) { $0.writeInteger(5 as UInt8) })
    try await one.until("the frame of the newer one") { _, events in events.frames.count == 1 }
    #expect(try await one.on { _, events in events.losses(of: NodeID(2)) } == [])
    try await newer.close()
    try await one.until("the loss of the newer one") { _, events in
      events.losses(of: NodeID(2)) == [.closed]
    }
    try await one.close()
  }

  @Test(
    "a cut of one direction stops what goes that way; the other way goes on until the silence has been noticed",
    arguments: [CutDirection.incoming, .outgoing])
  func oneWay(direction: CutDirection) async throws {
    func adjust(_ configuration: inout PeeringConfiguration) {
      configuration.pingInterval = .milliseconds(50)
      configuration.silenceTimeout = .milliseconds(1_000)
      configuration.handshakeTimeout = .milliseconds(500)
    }
    let (one, two) = try await (TestNode.start(1, adjust), TestNode.start(2, adjust))
    try await TestNode.meet([one, two])
    try await one.on { network, _ in network.cut([NodeID(2): direction]) }
    let (unhearing, hearing) = direction == .incoming ? (one, two) : (two, one)
    try await hearing.on { _, events in events.clear() }
    try await unhearing.on { _, events in events.clear() }
    try await one.send(.raft, [1], to: two.id)
    try await two.send(.raft, [2], to: one.id)
    // Nothing comes to the one end; the other still hears.
    try await hearing.until("a frame gets through") { _, events in !events.frames.isEmpty }
    try await one.until("the silence is noticed") { network, _ in !network.isConnected(NodeID(2)) }
    try await two.until("the silence is noticed") { network, _ in !network.isConnected(NodeID(1)) }
    #expect(try await unhearing.on { _, events in events.frames } == [])
    try await one.on { network, _ in network.cut([:]) }
    try await one.until("the link is back") { network, _ in network.isConnected(NodeID(2)) }
    try await two.until("the link is back") { network, _ in network.isConnected(NodeID(1)) }
    try await one.close()
    try await two.close()
  }

  @Test("a partition stops frames both ways and is healed when it is over")
  func partition() async throws {
    func adjust(_ configuration: inout PeeringConfiguration) {
      configuration.pingInterval = .milliseconds(20)
      configuration.silenceTimeout = .milliseconds(500)
      configuration.handshakeTimeout = .milliseconds(500)
    }
    let (one, two) = try await (TestNode.start(1, adjust), TestNode.start(2, adjust))
    try await TestNode.meet([one, two])
    try await one.on { network, events in
      network.cut([NodeID(2): .both])
      events.clear()
    }
    try await two.on { _, events in events.clear() }
    try await one.send(.raft, [1], to: two.id)
    try await two.send(.raft, [1], to: one.id)
    try await one.until("silence ends the links") { network, events in
      !network.isConnected(NodeID(2)) && events.losses(of: NodeID(2)).contains(.timedOut)
    }
    try await two.until("silence ends the links") { _, events in
      events.ends(of: NodeID(1)).contains { $0 != .refused }
    }
    try await two.until("attempts to come back fail") { _, events in events.ends(of: NodeID(1)).count >= 4 }
    #expect(try await one.on { _, events in events.frames } == [])
    #expect(try await two.on { _, events in events.frames } == [])
    try await one.on { network, _ in network.cut([:]) }
    try await one.until("the link is back") { network, _ in network.isConnected(NodeID(2)) }
    try await two.until("the link is back") { network, _ in network.isConnected(NodeID(1)) }
    try await one.send(.raft, [2], to: two.id)
    try await two.until("a frame gets through") { _, events in
      events.frames.contains(.frame(.raft, [2], NodeID(1), .control))
    }
    try await one.close()
    try await two.close()
  }

  @Test("members come and go while the network runs")
  func replacePeers() async throws {
    let nodes = try await [TestNode.start(1), TestNode.start(2), TestNode.start(3)]
    try await TestNode.meet([nodes[0], nodes[1]])
    try await nodes[0].setPeers([nodes[2].address])
    try await nodes[2].setPeers([nodes[0].address])
    try await nodes[0].waitForLinks(to: nodes[2].id)
    try await nodes[0].until("the links of the member that left are gone") { network, events in
      events.ends(of: NodeID(2)) == [.dropped, .dropped]
        && events.losses(of: NodeID(2)) == [.dropped, .dropped] && !network.isConnected(NodeID(2))
    }
    try await nodes[1].until("it is no longer welcome") { _, events in
      events.wasRefused(by: NodeID(1), saying: "not among the peers")
    }
    for node in nodes { try await node.close() }
  }

  @Test("no event follows the end of the network")
  func closed() async throws {
    let (one, two) = try await (TestNode.start(1), TestNode.start(2))
    try await TestNode.meet([one, two])
    try await one.on { _, events in events.clear() }
    try await one.close()
    try await two.until("it is gone") { _, events in events.losses(of: NodeID(1)).count == 2 }
    #expect(try await one.on { _, events in events.all } == [])
    try await two.close()
  }

  @Test("a port that is taken is told by its address")
  func portTaken() async throws {
    let one = try await TestNode.start(1)
    await #expect {
      _ = try await TestNode.start(2, port: one.port)
    } throws: { error in
      "\(error)".contains("cannot listen for peers at 127.0.0.1:\(one.port)")
    }
    try await one.close()
  }
}
