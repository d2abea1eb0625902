import Raft
import Testing

@Suite struct DurabilityMistakes {
  @Test("row 2: a vote is answered before it is on disk, and given again after a crash")
  func voteBeforeDisk() {
    expectGuard(
      .voteBeforeDurable, breaks: true,
      transcript: """
        cluster 3 preVote=off
        hang 2
        cut 1 3
        timeout 1
        crash 2
        start 2
        unhang 2
        cut 1 2
        timeout 3
        """)
  }

  @Test("row 2: a term is shown to others before it is on disk")
  func termBeforeDisk() throws {
    var node = try Single()
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 2, term: 4)
    node.receive(
      .voteRequest(VoteRequest(preVote: false, lastIndex: .zero, lastTerm: .zero)), from: 3, term: 3)
    #expect(node.take().isEmpty)
    node.persist()
    #expect(node.take().map(\.term) == [Term(4), Term(4)])
  }

  @Test("row 3: a group of one acknowledges before its disk has the entry")
  func singleNodeBeforeDisk() {
    expectGuard(
      .ownAckBeforeDurable, breaks: true,
      transcript: """
        cluster 1
        elect 1
        hang 1
        propose 1 a
        status
        ----
        node  role    term  vote  leader  log  disk  commit  applied
        1     leader  1     1     1       1-2  1     1       -
        """)
  }

  @Test("row 3: a follower acknowledges before its disk has the entry, and loses it in a crash")
  func followerBeforeDisk() {
    expectGuard(
      .ackBeforeDurable, breaks: true,
      transcript: """
        cluster 3
        elect 1
        crash 3
        hang 2
        propose 1 a
        crash 1
        crash 2
        unhang 2
        start 2
        start 3
        elect 2
        """)
  }

  @Test("row 9: a late write of entries that were replaced meanwhile makes their successors durable (ABA)")
  func lateWriteOfReplacedEntries() throws {
    try expectGuard(.lateWriteCounts) { mistakes in
      var node = try Single { $0.mistakes = mistakes }
      node.append(entries(1, 1, 1, 1, 1), after: (0, 0), term: 1)
      node.append(entries(2, 2, 2, from: 3), after: (2, 1), from: 3, term: 2)
      // The first write ends: entries 3 to 5 of term 1 are on disk, those of term 2 are not.
      node.persistOne()
      return node.raft.durableIndex == LogIndex(2) ? [] : ["durable to \(node.raft.durableIndex)"]
    }
  }

  @Test("row 9: entries of a log that a snapshot has replaced count as durable")
  func lateWriteOfReplacedLog() throws {
    try expectGuard(.installKeepsLog) { mistakes in
      var node = try Single { $0.mistakes = mistakes }
      node.append(entries(1, 1, 1, 1, 1, 1, 1, 1), after: (0, 0), term: 1)
      let meta = SnapshotMeta(
        index: LogIndex(5), term: Term(2), time: 1, membership: Membership(voters: [one, two, three]), size: 2,
        checksum: 0)
      node.receive(.snapshotChunk(SnapshotChunk(meta: meta, offset: 0, data: [1, 2])), from: 3, term: 2)
      node.persist()
      return node.raft.durableIndex == LogIndex(5) ? [] : ["durable to \(node.raft.durableIndex)"]
    }
  }

  @Test(
    "rows 2 and 27: a member whose disk was emptied votes as if it remembered, and an acknowledged entry is lost"
  )
  func emptiedMemberVotes() {
    expectGuard(
      .emptiedNodeVotes, breaks: true,
      transcript: """
        cluster 3
        elect 1
        isolate 2
        propose 1 a
        crash 3
        wipe 3
        start 3 rejoining=on
        crash 1
        heal
        tick 2 3 times 60
        """)
  }
}
