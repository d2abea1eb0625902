import Raft
import Testing

@Suite struct LogReplicationTests {
  @Test("what is proposed at any member is committed once, in order, by all")
  func proposalsReachAll() {
    var cluster = Cluster(3)
    let unknown = cluster.propose(two, 9)
    #expect(unknown == .noLeader)
    cluster.elect(one)
    let direct = cluster.propose(one, 1, 2)
    #expect(direct == .appended)
    let forwarded = cluster.propose(two, 3)
    #expect(forwarded == .forwarded)
    cluster.settle()
    for id in cluster.ids { #expect(cluster[id].commands == [1, 2, 3]) }
    #expect(cluster.violations.isEmpty)
  }

  @Test("a forwarded proposal is dropped by a member that does not lead")
  func followersDropForwardedProposals() throws {
    var node = try Single()
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 2, term: 1)
    node.receive(.propose([Payload(checksum: 0, data: [1])]), from: 3, term: 0)
    #expect(node.raft.lastIndex == .zero)
    #expect(node.take().allSatisfy { if case .propose = $0.body { false } else { true } })
  }

  @Test("a new leader appends a no-op, and commits what earlier terms left only with it (figure 8)")
  func priorTermsAreCommittedByTheOwnTerm() throws {
    var node = try Single(
      restored: Restored(hardState: HardState(term: Term(2)), entries: entries(1, 2)))
    node.lead()
    node.persist()
    #expect(node.raft.lastIndex == LogIndex(3))
    // Entry 2, of term 2, is on a quorum now; that must not commit it.
    node.accept(2, from: 2)
    #expect(node.raft.commitIndex == .zero)
    #expect(node.committed.isEmpty)
    node.accept(3, from: 2)
    #expect(node.committed.map(\.term) == [Term(1), Term(2), Term(3)])
    #expect(node.committed.last?.kind == .noop)
  }

  @Test("the commit index is the median whatever the order in which members answer")
  func commitNeedsAMajority() throws {
    var node = try Single(of: 5)
    node.tick(20)
    for voter in [2, 3] as [UInt64] {
      node.receive(.voteReply(VoteReply(preVote: true, granted: true)), from: voter, term: 1)
    }
    node.persist()
    for voter in [2, 3] as [UInt64] {
      node.receive(.voteReply(VoteReply(preVote: false, granted: true)), from: voter, term: 1)
    }
    #expect(node.raft.role == .leader)
    for _ in 0..<9 { _ = node.raft.propose([Payload(checksum: 0, data: [1])]) }
    node.absorb()
    node.persist()
    node.accept(9, from: 5)
    #expect(node.raft.commitIndex == .zero)
    node.accept(2, from: 4)
    #expect(node.raft.commitIndex == LogIndex(2))
    node.accept(1, from: 2)
    #expect(node.raft.commitIndex == LogIndex(2))
    node.accept(7, from: 3)
    #expect(node.raft.commitIndex == LogIndex(7))
  }

  @Test("an answer beyond the log, or of an unknown member, is ignored")
  func impossibleAnswersAreIgnored() throws {
    var node = try Single()
    node.lead()
    node.persist()
    node.accept(99, from: 2)
    node.accept(1, from: 9)
    #expect(node.raft.commitIndex == .zero)
    node.accept(1, from: 2)
    #expect(node.raft.commitIndex == LogIndex(1))
  }

  @Test("a new commit index goes out at once, on its own, and with the entries when there are some")
  func commitIndexGoesOutAtOnce() throws {
    var node = try Single()
    node.lead()
    node.persist()
    node.accept(1, from: 2)
    node.accept(1, from: 3)
    _ = node.take()
    _ = node.raft.propose([Payload(checksum: 0, data: [1])])
    node.absorb()
    node.persist()
    _ = node.take()
    node.raft.step(
      Message(from: two, to: one, term: Term(1), body: .appendReply(AppendReply(index: LogIndex(2)))))
    node.raft.step(
      Message(from: three, to: one, term: Term(1), body: .appendReply(AppendReply(index: LogIndex(2)))))
    node.absorb()
    let alone = node.take()
    for peer in [2, 3] as [UInt64] {
      #expect(
        alone.to(peer).appends == [
          AppendRequest(
            previousIndex: LogIndex(2), previousTerm: Term(1), commit: LogIndex(2), entries: [])
        ])
    }
    _ = node.raft.propose([Payload(checksum: 0, data: [1])])
    node.absorb()
    node.persist()
    _ = node.take()
    node.raft.step(
      Message(from: two, to: one, term: Term(1), body: .appendReply(AppendReply(index: LogIndex(3)))))
    _ = node.raft.propose([Payload(checksum: 0, data: [1])])
    node.absorb()
    let carried = node.take().to(3).appends
    #expect(carried.count == 1)
    #expect(carried.first?.commit == LogIndex(3))
    #expect(carried.first?.entries.count == 1)
    node.raft.tick()
    node.absorb()
    #expect(node.take().appends.isEmpty)
  }

  @Test("stamps of entries never go back, though the clock does and the leader changes")
  func stampsNeverGoBack() throws {
    var first = try Single(of: 1)
    first.raft.clock = 100
    first.tick(20)
    first.persist()
    first.raft.clock = 50
    _ = first.raft.propose([Payload(checksum: 0, data: [1])])
    first.raft.clock = 170
    _ = first.raft.propose([Payload(checksum: 0, data: [2])])
    first.absorb()
    first.persist()
    #expect(first.committed.map(\.time) == [100, 100, 170])
    var second = try Single(
      of: 1, restored: Restored(hardState: HardState(term: Term(1)), entries: first.committed))
    second.raft.clock = 10
    second.tick(20)
    second.persist()
    #expect(second.committed.map(\.time) == [100, 100, 170, 170])
  }

  @Test("a hung follower costs the others nothing, and is sent no more than the limits allow")
  func hungFollowerIsBounded() {
    var cluster = Cluster(3) { $0.maxInflightMessages = 4 }
    cluster.elect(one)
    cluster.hung = [three]
    for value in 0..<20 as Range<UInt8> {
      cluster.propose(one, value)
      cluster.settle()
    }
    #expect(cluster[one].commands == Array(0..<20))
    #expect(cluster[two].commands == Array(0..<20))
    #expect(cluster[one].raft?.progress(of: three)?.inflightMessages == 4)
    cluster.hung = []
    cluster.absorb(three)
    cluster.persist(three)
    cluster.tickAll(10)
    #expect(cluster[three].commands == Array(0..<20))
    #expect(cluster.violations.isEmpty)
  }

  @Test("a leader whose own disk hangs commits with the others")
  func hungLeaderDiskDoesNotStopTheOthers() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.hung = [one]
    cluster.propose(one, 1)
    cluster.settle()
    for id in cluster.ids { #expect(cluster[id].commands == [1]) }
    #expect(cluster[one].raft?.durableIndex == LogIndex(1))
    // With one more disk gone there is no quorum on disk.
    cluster.hung = [one, two]
    cluster.propose(one, 2)
    cluster.settle()
    for id in cluster.ids { #expect(cluster[id].commands == [1]) }
    #expect(cluster.violations.isEmpty)
  }

  @Test("proposals are refused as full while too much is uncommitted, and taken again after")
  func uncommittedBytesAreCapped() throws {
    var node = try Single { $0.maxUncommittedBytes = 300 }
    node.lead()
    node.persist()
    let payload = Payload(checksum: 0, data: Array(repeating: 1, count: 68))
    let first = node.raft.propose([payload, payload])
    #expect(first == .appended)
    let second = node.raft.propose([payload])
    #expect(second == .full)
    node.absorb()
    node.persist()
    node.accept(3, from: 2)
    let third = node.raft.propose([payload])
    #expect(third == .appended)
    // One that is larger than the whole cap must not wait for ever.
    node.absorb()
    node.persist()
    node.accept(4, from: 2)
    let large = node.raft.propose(Array(repeating: payload, count: 10))
    #expect(large == .appended)
  }
}
