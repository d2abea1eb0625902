import Desk
import NIOCore
import Protocol
import Testing

@testable import Replica

@Suite("A node that is short of memory")
struct MemoryWatchTests {
  @Test("is told at the high mark, and again below the low one")
  func marks() {
    var watch = MemoryWatch(high: 1_000)
    #expect(watch.look(999) == nil)
    #expect(watch.look(nil) == nil)
    #expect(watch.look(1_000) == .short)
    #expect(watch.look(2_000) == nil && watch.isShort)
    #expect(watch.look(950) == nil && watch.isShort)
    #expect(watch.look(900) == nil && watch.isShort)
    #expect(watch.look(899) == .roomAgain)
    #expect(watch.look(950) == nil && !watch.isShort)
    var unbounded = MemoryWatch(high: 0)
    #expect(unbounded.look(.max) == nil && !unbounded.isShort)
  }

  @Test(
    "refuses what is new and says so, takes what makes room, applies what others have committed, and recovers")
  func refuses() throws {
    let node = try LoneReplica { $0.memoryBytes = 1_000 }
    let session = try node.open("a", owner: 1)
    node.core.takeMemory(1_000)
    node.say("m", in: session, tag: 1)
    node.ask(
      .open(OpenRequest(id: "b", channel: "", skill: "", intent: "", priority: 0, attributes: [])), tag: 2)
    #expect(node.pending.isEmpty)
    node.endTurn()
    #expect(node.clients.failures.map(\.failure.code) == [.busy, .busy])
    #expect(node.clients.failures.allSatisfy { $0.failure.retryAfterMilliseconds != nil })
    #expect(node.core.status().problems.map(\.code).contains("memory_short"))
    #expect(node.core.figures().memoryIsShort)
    // Of another node's client, for a session of this node.
    let person = Person(id: "ann", role: .customer, name: "ann")
    let send = Command.send(
      SendMessage(session: session, epoch: Epoch(1), id: "f", sender: person, kind: .text, body: [1]))
    node.core.takeForward(
      Forward(request: 9, session: session, epoch: Epoch(1), command: send), from: ServerID(2))
    #expect(node.core.refusals[ServerID(2)] == [ForwardRefusal(request: 9, reason: .busy)])
    node.commit([Submission(origin: Origin(server: ServerID(2), request: 10), command: send)])
    #expect(node.core.desk.session(session)?.sequence == Sequence(1))
    node.ask(.close(session, reason: ""), tag: 3)
    #expect(node.pending.count == 1)
    node.core.takeMemory(100)
    #expect(!node.core.status().problems.map(\.code).contains("memory_short"))
    node.ask(
      .open(OpenRequest(id: "b", channel: "", skill: "", intent: "", priority: 0, attributes: [])), tag: 4)
    #expect(node.pending.count == 2)
  }

  @Test("knows what the system says of this process")
  func reads() throws {
    let before = try #require(ResidentMemory.read())
    #expect(before > 1 << 20)
    let bytes = [UInt8](repeating: 1, count: 64 << 20)
    let after = try #require(ResidentMemory.read())
    #expect(after - before > 32 << 20 && bytes[5] == 1)
    ResidentMemory.giveBack()
  }
}
