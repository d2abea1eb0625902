import Raft
import Testing

@Suite("A leader that contradicts what is committed")
struct ContradictionTests {
  /// Three entries of term 1 are on the disk and committed.
  private func member(
    committed: UInt64 = 3, configure: (inout RaftConfiguration) -> Void = { _ in }
  ) throws -> Single {
    let entries = (1...4).map { Entry(index: LogIndex($0), term: Term(1), time: 1) }
    return try Single(
      restored: Restored(hardState: HardState(term: Term(1), commit: LogIndex(committed)), entries: entries),
      configure: configure)
  }

  private func append(
    _ member: inout Single, after previous: (UInt64, UInt64), terms: [UInt64], from leader: UInt64 = 2
  ) {
    let entries = terms.enumerated().map { place, term in
      Entry(index: LogIndex(previous.0 + 1 + UInt64(place)), term: Term(term), time: 2)
    }
    member.receive(
      .append(
        AppendRequest(
          previousIndex: LogIndex(previous.0), previousTerm: Term(previous.1), commit: LogIndex(0),
          entries: entries)), from: leader, term: 3)
  }

  @Test("in an entry below the commit index, or in the one before its entries: nothing is acknowledged")
  func below() throws {
    for (previous, terms) in [((1, 1), [1, 3]), ((2, 2), [2]), ((0, 0), [2])] as [((UInt64, UInt64), [UInt64])]
    {
      var member = try member()
      append(&member, after: previous, terms: terms)
      member.persist()
      let found = try #require(member.raft.contradiction, "\(previous) \(terms)")
      #expect(found.own == Term(1) && found.leader == NodeID(2) && found.index <= LogIndex(3))
      #expect(!member.take().contains { if case .appendReply = $0.body { true } else { false } })
    }
  }

  @Test(
    "promised is what this term's leader was answered: the log behind that may still be cut within the term")
  func promised() throws {
    var member = try member()
    #expect(member.raft.durableIndex == LogIndex(4) && member.raft.promisedIndex == .zero)
    append(&member, after: (3, 1), terms: [])
    member.persist()
    #expect(member.raft.durableIndex == LogIndex(4) && member.raft.promisedIndex == LogIndex(3))
    append(&member, after: (3, 1), terms: [3, 3])
    member.persist()
    #expect(member.raft.promisedIndex == LogIndex(5))
  }

  @Test("one that agrees there, or differs only behind the commit index, is followed")
  func agrees() throws {
    for (previous, terms) in [((1, 1), [1, 1, 3]), ((3, 1), [3]), ((0, 0), [])]
      as [((UInt64, UInt64), [UInt64])]
    {
      var member = try member()
      append(&member, after: previous, terms: terms)
      member.persist()
      #expect(member.raft.contradiction == nil, "\(previous) \(terms)")
      #expect(member.take().contains { if case .appendReply = $0.body { true } else { false } })
    }
  }

  @Test("where the entry is compacted, by a term that cannot have been there")
  func compacted() throws {
    let meta = SnapshotMeta(
      index: LogIndex(9), term: Term(1), time: 1, membership: Membership(voters: (1...3).map { NodeID($0) }),
      size: 0,
      checksum: 0)
    var member = try Single(
      restored: Restored(hardState: HardState(term: Term(1), commit: LogIndex(9)), snapshot: meta))
    append(&member, after: (4, 1), terms: [1])
    #expect(member.raft.contradiction == nil)
    append(&member, after: (4, 1), terms: [3])
    #expect(member.raft.contradiction?.index == LogIndex(5))
  }

  @Test("in a snapshot that ends below the commit index")
  func snapshot() throws {
    var member = try member()
    let meta = SnapshotMeta(
      index: LogIndex(2), term: Term(2), time: 1, membership: Membership(voters: (1...3).map { NodeID($0) }),
      size: 1,
      checksum: 0)
    member.receive(
      .snapshotChunk(SnapshotChunk(meta: meta, offset: 0, data: [1])), from: 2, term: 3)
    member.persist()
    #expect(member.raft.contradiction?.index == LogIndex(2))
    #expect(!member.take().contains { if case .snapshotReply = $0.body { true } else { false } })
  }

  @Test("goes unnoticed without the guard: the member acknowledges what it does not have")
  func mistake() throws {
    var member = try member { $0.mistakes = .contradictionIgnored }
    append(&member, after: (1, 1), terms: [1, 3])
    member.persist()
    #expect(member.raft.contradiction == nil)
    #expect(
      member.take().contains { if case .appendReply(let reply) = $0.body { !reply.rejected } else { false } })
  }
}
