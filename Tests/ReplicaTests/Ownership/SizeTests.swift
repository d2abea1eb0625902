import Desk
import Peering
import Protocol
import Raft
import Testing

@testable import Replica

/// The sizes in the options fit into one another, in the order in which bytes meet them.
@Suite("Sizes that meet")
struct SizeTests {
  @Test("a lane into an entry, an entry into a frame, a frame into what a connection takes")
  func relations() throws {
    let node = try LoneReplica()
    let options = node.core.options
    #expect(SessionLanes.widthBytes < options.maxBatchBytes)
    #expect(SessionLanes.width < options.maxBatch)
    #expect(options.maxBatch <= SessionID.placesPerEntry)
    #expect(options.maxBatchBytes <= options.maxFrameBytes)
    #expect(options.maxFrameBytes * 2 <= options.peering.maxQueuedControlBytes)
    #expect(options.maxCommandBytes + (64 << 10) <= options.maxEntryBytes)
    #expect(options.maxEntryBytes * 2 <= options.peering.maxFrameBytes)
  }

  @Test("a request that no entry should hold is refused before it goes anywhere, and the next one is not")
  func tooLarge() throws {
    let node = try LoneReplica()
    let own = try node.open("own", owner: 1)
    let others = try node.open("others", owner: 2)
    for (tag, session) in [own, others].enumerated() {
      node.say("m", in: session, tag: UInt32(tag), body: [UInt8](repeating: 65, count: 16 << 20))
    }
    #expect(node.pending.isEmpty)
    #expect(node.core.gathered.isEmpty)
    #expect(node.core.forwards.isEmpty)
    node.endTurn()
    #expect(node.clients.failures.map(\.failure.code) == [.tooLarge, .tooLarge])
    node.say("m", in: own, tag: 3)
    #expect(node.pending.count == 1)
  }

  @Test("a run of one session that fills several entries keeps its order, whatever is lost")
  func longRun() throws {
    let node = try LoneReplica()
    let session = try node.open("own", owner: 1)
    for number in 0..<65 {
      node.say("m\(number)", in: session, tag: UInt32(number), body: [UInt8](repeating: 65, count: 32 << 10))
    }
    var order: [UInt32] = []
    while !node.core.gathered.isEmpty {
      let entries = node.core.gathered.take(
        maxCount: node.core.options.maxBatch, maxBytes: node.core.options.maxBatchBytes)
      // Nothing of the session is under way in two entries at a time.
      #expect(entries.count == 1)
      for entry in entries {
        #expect(entry.payload.data.count <= node.core.options.maxBatchBytes)
        node.takeIn(entry.submissions)
      }
    }
    node.endTurn()
    order = node.clients.acks.map(\.tag)
    #expect(order == (0..<65).map { UInt32($0) })
    #expect(node.clients.acks.map(\.sequence) == (1...65).map { UInt64($0) })
  }
}
