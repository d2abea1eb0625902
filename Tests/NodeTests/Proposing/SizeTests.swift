import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

/// The sizes in the configuration fit into one another, in the order in which bytes meet them.
@Suite("Sizes that meet")
struct SizeTests {
  @Test("a pipeline into an entry, an entry into a frame")
  func relations() throws {
    let configuration = try LoneNode().node.configuration
    #expect(SessionPipelines.widthBytes < configuration.maxBatchBytes)
    #expect(SessionPipelines.width < configuration.maxBatch)
    #expect(configuration.maxBatch <= SessionID.placesPerEntry)
    #expect(configuration.maxBatchBytes <= configuration.maxFrameBytes)
    #expect(configuration.maxCommandBytes + (64 << 10) <= configuration.maxEntryBytes)
  }

  @Test("a request that no entry should hold is refused before it goes anywhere, and the next one is not")
  func tooLarge() throws {
    var node = try LoneNode()
    let own = try node.open("own", owner: 1)
    let others = try node.open("others", owner: 2)
    for (tag, session) in [own, others].enumerated() {
      node.say("m", in: session, tag: UInt32(tag), body: [UInt8](repeating: 65, count: 16 << 20))
    }
    #expect(node.pending.isEmpty)
    node.forget()
    node.endTurn()
    #expect(node.proposals.isEmpty && node.forwards(to: 2).isEmpty)
    #expect(node.clients.failures.map(\.failure.code) == [.tooLarge, .tooLarge])
    node.say("m", in: own, tag: 3)
    #expect(node.pending.count == 1)
    #expect(node.node.order.count == 1)
  }

  @Test("an entry that no frame could bring to the others is not appended, and its senders are told")
  func largeEntry() throws {
    var node = try LoneNode { $0.maxEntryBytes = 4 << 10 }
    let session = try node.open("own", owner: 1)
    node.say("m", in: session, tag: 1, body: [UInt8](repeating: 65, count: 8 << 10))
    node.forget()
    node.endTurn()
    #expect(node.proposals.isEmpty)
    #expect(node.clients.failures.map(\.failure.code) == [.busy])
    let forward = Forward(
      request: 7, session: session, epoch: Epoch(1),
      command: node.said("f", in: session, bytes: 8 << 10).command)
    node.take(.peer(.forward(ForwardBatch(forwards: [forward])), from: NodeID(3)))
    node.endTurn()
    #expect(node.refusals(to: 3) == [ForwardRefusal(request: 7, reason: .busy)])
  }

  @Test("a run of one session that fills several entries keeps its order, whatever is lost")
  func longRun() throws {
    var node = try LoneNode()
    let session = try node.open("own", owner: 1)
    for number in 0..<65 {
      node.say("m\(number)", in: session, tag: UInt32(number), body: [UInt8](repeating: 65, count: 32 << 10))
    }
    node.endTurn()
    var rounds = 0
    while !node.proposals.isEmpty {
      let entries = node.proposals
      // Nothing of the session is under way in two entries at a time.
      #expect(entries.count == 1)
      for entry in entries {
        #expect(CommandCodec.encode(entry).count <= node.node.configuration.maxBatchBytes)
      }
      node.frames = []
      for entry in entries { node.commit(entry) }
      rounds += 1
    }
    #expect(rounds > 4)
    #expect(node.clients.acks.map(\.tag) == (0..<65).map { UInt32($0) })
    #expect(node.clients.acks.map(\.sequence) == (1...65).map { UInt64($0) })
  }

  @Test("what goes to one owner in one turn is cut into frames that a connection takes")
  func frames() throws {
    var node = try LoneNode()
    var sessions: [SessionID] = []
    for number in 0..<40 { sessions.append(try node.open("r\(number)", owner: 2)) }
    node.forget()
    for (tag, session) in sessions.enumerated() {
      node.say("m", in: session, tag: UInt32(tag), body: [UInt8](repeating: 65, count: 100 << 10))
    }
    node.endTurn()
    let sizes = node.frames.compactMap { frame -> Int? in
      guard frame.to == NodeID(2), case .forward(let batch) = frame.content else { return nil }
      return batch.forwards.reduce(0) { $0 + $1.command.mostBytes }
    }
    #expect(sizes.count == 4 && sizes.allSatisfy { $0 <= node.node.configuration.maxFrameBytes })
    #expect(node.forwards(to: 2).map(\.session) == sessions)
  }
}
