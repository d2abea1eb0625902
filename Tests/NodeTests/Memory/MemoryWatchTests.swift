import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A node that is short of memory")
struct MemoryWatchTests {
  @Test("is told at the high mark, and again below the low one")
  func marks() {
    var watch = MemoryWatch(high: 1_000)
    func expect(_ used: Int?, _ edge: MemoryWatch.Edge?, isShort: Bool) {
      let seen = watch.look(used)
      #expect(seen == edge && watch.isShort == isShort, "\(used ?? -1)")
    }
    expect(999, nil, isShort: false)
    expect(nil, nil, isShort: false)
    expect(1_000, .short, isShort: true)
    for used in [2_000, 950, 900] { expect(used, nil, isShort: true) }
    expect(899, .roomAgain, isShort: false)
    expect(950, nil, isShort: false)
    watch = MemoryWatch(high: 0)
    expect(.max, nil, isShort: false)
  }

  /// Half a second, with so much in memory.
  private func pass(_ node: inout LoneNode, used: Int) -> Bool {
    var gaveBack = false
    for _ in 0..<50 {
      node.later(.milliseconds(10))
      var surroundings = Surroundings()
      surroundings.usedMemory = used
      node.take(.tick(surroundings))
      gaveBack = node.turn().givesBackMemory || gaveBack
    }
    node.receive(.heartbeat(Heartbeat(commit: node.last)))
    node.endTurn()
    return gaveBack
  }

  @Test(
    "refuses what is new and says so, takes what makes room, applies what others have committed, and recovers")
  func refuses() throws {
    var node = try LoneNode { $0.memoryBytes = 1_000 }
    let session = try node.open("a", owner: 1)
    #expect(pass(&node, used: 1_000), "the allocator is asked to give back what is free")
    #expect(!pass(&node, used: 1_000), "and not twice a second")
    let opening = DeskRequest.open(
      OpenRequest(id: "b", channel: "", skill: "", intent: "", priority: 0, attributes: []))
    node.forget()
    node.say("m", in: session, tag: 1)
    node.ask(opening, tag: 2)
    #expect(node.pending.isEmpty)
    node.endTurn()
    #expect(node.clients.failures.map(\.failure.code) == [.busy, .busy])
    #expect(node.clients.failures.allSatisfy { $0.failure.retryAfterMilliseconds != nil })
    #expect(node.node.order.count == 0, "what is refused holds up nothing")
    #expect(node.node.status().problems.map(\.code).contains(.memoryShort))
    #expect(node.node.figures().memoryIsShort)
    // Of another node's client, for a session of this node.
    let send = node.said("f", in: session).command
    let forward = Forward(request: 9, session: session, epoch: Epoch(1), command: send)
    node.take(.peer(.forward(ForwardBatch(forwards: [forward])), from: NodeID(2)))
    node.endTurn()
    #expect(node.refusals(to: 2) == [ForwardRefusal(request: 9, reason: .busy)])
    node.commit([Submission(origin: Origin(server: ServerID(2), request: 10), command: send)])
    #expect(node.node.state.session(session)?.sequence == Sequence(1))
    // What an operation keeps with a session is kept for good.
    let rate = Envelope(Rate(session: session, score: 1), id: "r", by: .ann, epoch: Epoch(1))
    #expect(Command.perform(rate).takesMemory)
    node.ask(.perform(Close(session: session, reason: ""), id: ""), tag: 3)
    #expect(node.pending.count == 1)
    _ = pass(&node, used: 100)
    #expect(!node.node.status().problems.map(\.code).contains(.memoryShort))
    node.ask(opening, tag: 4)
    #expect(node.pending.count == 2)
  }
}
