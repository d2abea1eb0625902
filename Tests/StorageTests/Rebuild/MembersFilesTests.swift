import Raft
import Testing

@testable import Storage

@Suite("What a store holds of the members, beside the log")
struct MembersFilesTests {
  private let first = Membership(
    voters: [NodeID(1)], learners: [NodeID(2)], joining: [NodeID(2)],
    addresses: [.init(id: NodeID(2), text: "node2 h:1 http://h:2")])

  private func begin(_ scratch: Scratch) throws -> StoreBeginning.Outcome {
    try StoreBeginning.note(first, directory: scratch.path, identity: identity)
  }

  @Test("the order to begin is there until something is recorded, and cannot be given to a store that was used")
  func beginning() throws {
    let scratch = Scratch()
    #expect(try begin(scratch) == .noted)
    #expect(try begin(scratch) == .noted, "it may be said again before the first start")
    for _ in 0..<2 {
      let running = try Running(scratch)
      #expect(
        running.recovered.opening == .fresh && running.recovered.beginning == first, "nothing was recorded yet")
      running.store.close()
    }
    let running = try Running(scratch)
    running.append(entry(1))
    running.store.close()
    let again = try Running(scratch)
    #expect(again.recovered.opening == .restored && again.recovered.beginning == nil)
    again.store.close()
    #expect(try begin(scratch) == .used(.restored))
  }

  @Test("a store that is emptied has no order any more, and takes none")
  func emptied() throws {
    let scratch = Scratch()
    #expect(try begin(scratch) == .noted)
    _ = try StoreRebuild.empty(directory: scratch.path, discarding: true)
    let running = try Running(scratch)
    #expect(running.recovered.opening == .rejoining && running.recovered.beginning == nil)
    running.store.close()
    #expect(try begin(scratch) == .used(.rejoining))
  }

  @Test("the record of the members comes back as it was noted, and goes with the store that is emptied")
  func record() throws {
    let scratch = Scratch()
    let record = MembersRecord(
      pinned: Membership(voters: [1, 2, 3].map { NodeID($0) }), first: [NodeID(1)],
      file: [3, 2].map { NodeID($0) },
      known: [NodeID(9)])
    let running = try Running(scratch)
    #expect(running.recovered.record == nil)
    try running.store.note(MembersRecord())
    try running.store.note(record)
    running.store.close()
    let again = try Running(scratch)
    #expect(again.recovered.record == record && again.recovered.record?.file == [2, 3].map { NodeID($0) })
    #expect(again.recovered.opening == .fresh, "a record is nothing that the node has promised")
    again.store.close()
    _ = try StoreRebuild.empty(directory: scratch.path, discarding: true)
    #expect(try Running(scratch).recovered.record == nil)
  }

  @Test("any flipped bit of either file is found", arguments: ["begin", "members"])
  func flipped(name: String) throws {
    let scratch = Scratch(inMemory: true)
    #expect(try begin(scratch) == .noted)
    let running = try Running(scratch)
    try running.store.note(MembersRecord(pinned: first, file: [NodeID(1)]))
    running.store.close()
    let original = try scratch.read(name)
    for offset in original.indices {
      try scratch.flip(name, at: offset)
      #expect(storeError { _ = try Running(scratch) } != nil, "byte \(offset)")
      try scratch.write(name, original)
    }
    #expect(storeError { _ = try Running(scratch) } == nil)
  }
}
