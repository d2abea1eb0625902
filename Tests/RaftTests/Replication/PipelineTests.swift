import Raft
import Testing

@Suite struct PipelineTests {
  private func payload(_ size: Int = 8) -> Payload {
    Payload(checksum: 0, data: Array(repeating: 1, count: size))
  }

  /// Leads in term 1, with node 2 replicating and node 3 silent.
  private func leading(configure: (inout RaftConfiguration) -> Void = { _ in }) throws -> Single {
    var node = try Single(configure: configure)
    node.lead()
    node.persist()
    node.accept(1, from: 2)
    _ = node.take()
    return node
  }

  @Test("a probed member is sent one message until it answers, a replicating one all that comes")
  func probesWaitAndPipelinesDoNot() throws {
    var node = try leading()
    for _ in 0..<3 {
      _ = node.raft.propose([payload()])
      node.absorb()
    }
    let sent = node.take()
    #expect(sent.to(2).appends.map(\.previousIndex) == [LogIndex(1), LogIndex(2), LogIndex(3)])
    #expect(sent.to(3).appends.isEmpty)
    #expect(node.raft.progress(of: three)?.state == .probe)
    // An answered heartbeat shows that it is there: the probe, maybe lost, is sent again.
    node.receive(.heartbeatReply(HeartbeatReply()), from: 3, term: 1)
    #expect(node.take().to(3).appends.count == 1)
    node.accept(1, from: 3)
    #expect(node.take().to(3).appends.last?.entries.count == 3)
  }

  @Test("messages are cut at the limit of bytes, and hold at least one entry")
  func messagesAreBounded() throws {
    var node = try leading { $0.maxAppendBytes = 100 }
    _ = node.raft.propose([payload(), payload(), payload(), payload(500), payload()])
    node.absorb()
    #expect(node.take().to(2).appends.map(\.entries.count) == [2, 1, 1, 1])
  }

  @Test("no more messages are under way than the limit, and an answer makes room")
  func messagesUnderWayAreBounded() throws {
    var node = try leading {
      $0.maxInflightMessages = 3
      $0.maxAppendBytes = 1
    }
    _ = node.raft.propose(Array(repeating: payload(), count: 10))
    node.absorb()
    node.persist()
    #expect(node.take().to(2).appends.count == 3)
    node.accept(3, from: 2)
    #expect(node.take().to(2).appends.filter { !$0.entries.isEmpty }.count == 2)
  }

  @Test("no more bytes are under way than the limit")
  func bytesUnderWayAreBounded() throws {
    var node = try leading {
      $0.maxInflightBytes = 100
      $0.maxAppendBytes = 1
    }
    _ = node.raft.propose(Array(repeating: payload(), count: 10))
    node.absorb()
    #expect(node.take().to(2).appends.count == 3)
  }

  @Test("after a dropped message the member is probed again from what it is known to have")
  func unreachableMembersAreProbed() throws {
    var node = try leading()
    _ = node.raft.propose([payload(), payload()])
    node.absorb()
    node.raft.peerUnreachable(two)
    node.absorb()
    _ = node.take()
    #expect(node.raft.progress(of: two)?.state == .probe)
    _ = node.raft.propose([payload()])
    node.absorb()
    #expect(node.take().to(2).appends.isEmpty)
    node.receive(.heartbeatReply(HeartbeatReply()), from: 2, term: 1)
    let probe = node.take().to(2).appends
    #expect(probe.first?.previousIndex == LogIndex(1))
    #expect(probe.first?.entries.count == 3)
  }

  @Test("entries that were lost on the way are found out by the next answered heartbeat")
  func lostEntriesAreFoundOut() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.cut = [[one, two], [one, three]]
    cluster.propose(one, 1)
    cluster.settle()
    cluster.heal()
    cluster.tickAll(8)
    for id in cluster.ids { #expect(cluster[id].commands == [1]) }
  }

  @Test("lost answers are made up for")
  func lostAnswersAreMadeUpFor() {
    var cluster = Cluster(3)
    cluster.elect(one)
    cluster.cut = [[two, one], [three, one]]
    cluster.propose(one, 1)
    cluster.settle()
    #expect(cluster[one].commands.isEmpty)
    cluster.heal()
    cluster.tickAll(8)
    #expect(cluster[one].commands == [1])
  }

  @Test("a rejection of what the member has confirmed since is an old one, and changes nothing")
  func staleRejectionsAreIgnored() throws {
    var node = try leading()
    node.receive(
      .appendReply(AppendReply(index: LogIndex(1), rejected: true, hintIndex: .zero)), from: 2, term: 1)
    #expect(node.raft.progress(of: two)?.state == .replicate)
    #expect(node.raft.progress(of: two)?.match == LogIndex(1))
    #expect(node.take().appends.isEmpty)
  }

  @Test("an answer that tells of less than is known does not take anything back")
  func staleAcceptancesAreIgnored() throws {
    var node = try leading()
    _ = node.raft.propose([payload()])
    node.absorb()
    node.persist()
    node.accept(2, from: 2)
    node.accept(1, from: 2)
    #expect(node.raft.progress(of: two)?.match == LogIndex(2))
    #expect(node.raft.progress(of: two)?.next == LogIndex(3))
    #expect(node.raft.commitIndex == LogIndex(2))
  }

  @Test("a long stretch of foreign terms is skipped term by term, not entry by entry")
  func conflictsAreSkippedByTerms() throws {
    var terms = Array(repeating: UInt64(1), count: 5) + Array(repeating: 4, count: 200)
    let leaderEntries = terms.enumerated().map {
      Entry(index: LogIndex(UInt64($0.offset) + 1), term: Term($0.element), time: 0)
    }
    terms = Array(repeating: 1, count: 5) + Array(repeating: 2, count: 150) + Array(repeating: 3, count: 150)
    let followerEntries = terms.enumerated().map {
      Entry(index: LogIndex(UInt64($0.offset) + 1), term: Term($0.element), time: 0)
    }
    var leader = try Single(
      restored: Restored(hardState: HardState(term: Term(4)), entries: leaderEntries))
    var follower = try Single(
      2, restored: Restored(hardState: HardState(term: Term(4)), entries: followerEntries))
    leader.lead()
    leader.persist()
    var roundTrips = 0
    while follower.raft.lastIndex != leader.raft.lastIndex, roundTrips < 20 {
      roundTrips += 1
      for message in leader.take().to(2) where !([message].appends.isEmpty) { follower.raft.step(message) }
      follower.absorb()
      follower.persist()
      for message in follower.take() { leader.raft.step(message) }
      leader.absorb()
    }
    #expect(follower.raft.lastIndex == leader.raft.lastIndex)
    #expect(roundTrips <= 3)
  }
}
