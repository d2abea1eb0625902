import Raft
import Testing

@Suite struct VotingTests {
  private func request(_ index: UInt64 = 0, _ term: UInt64 = 0, preVote: Bool = false, transfer: Bool = false)
    -> Message.Body
  {
    .voteRequest(
      VoteRequest(preVote: preVote, transfer: transfer, lastIndex: LogIndex(index), lastTerm: Term(term)))
  }

  @Test("a vote is answered only once it is on disk")
  func voteWaitsForDisk() throws {
    var node = try Single()
    node.receive(request(), from: 2, term: 1)
    #expect(node.take().isEmpty)
    #expect(node.writes.first?.hardState == HardState(term: Term(1), vote: two))
    #expect(node.writes.first?.mustSync == true)
    node.persist()
    #expect(node.take().voteReplies == [VoteReply(preVote: false, granted: true)])
  }

  @Test("one vote a term, the same one again after a restart")
  func oneVoteATerm() throws {
    var node = try Single(restored: Restored(hardState: HardState(term: Term(1), vote: two)))
    node.receive(request(), from: 3, term: 1)
    #expect(node.take().voteReplies == [VoteReply(preVote: false, granted: false)])
    node.receive(request(), from: 2, term: 1)
    node.persist()
    #expect(node.take().voteReplies == [VoteReply(preVote: false, granted: true)])
  }

  @Test("no vote for a log that ends in an earlier term, or in the same one with fewer entries")
  func logsMustBeUpToDate() throws {
    let restored = Restored(hardState: HardState(term: Term(2)), entries: entries(1, 2))
    for (index, term, granted) in [(9, 1, false), (1, 2, false), (2, 2, true), (1, 3, true)]
      as [(UInt64, UInt64, Bool)]
    {
      var node = try Single(restored: restored)
      node.receive(request(index, term), from: 2, term: 3)
      node.persist()
      #expect(node.take().voteReplies == [VoteReply(preVote: false, granted: granted)])
    }
  }

  @Test("a follower's log counts in its vote from when it was accepted, before it is on disk")
  func acceptedEntriesCountInVotes() throws {
    var node = try Single()
    node.append(entries(1, 1), after: (0, 0), term: 1)
    node.tick(15)
    _ = node.take()
    node.receive(request(1, 1), from: 3, term: 2)
    node.persist()
    #expect(node.take().voteReplies == [VoteReply(preVote: false, granted: false)])
  }

  @Test("who hears from a leader gives neither votes nor pre-votes, but to a transfer")
  func hearingALeaderRefusesVotes() throws {
    var node = try Single()
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 2, term: 1)
    node.persist()
    _ = node.take()
    node.receive(request(5, 1), from: 3, term: 2)
    node.receive(request(5, 1, preVote: true), from: 3, term: 2)
    #expect(node.take().isEmpty)
    #expect(node.raft.term == Term(1))
    node.receive(request(5, 1, transfer: true), from: 3, term: 2)
    node.persist()
    #expect(node.take().voteReplies == [VoteReply(preVote: false, granted: true)])
  }

  @Test("a pre-vote binds nobody: two members can both have it, and term and vote stay")
  func preVoteBindsNobody() throws {
    var node = try Single()
    node.receive(request(preVote: true), from: 2, term: 1)
    node.receive(request(preVote: true), from: 3, term: 1)
    let replies = node.take()
    #expect(replies.voteReplies == Array(repeating: VoteReply(preVote: true, granted: true), count: 2))
    #expect(replies.allSatisfy { $0.term == Term(1) })
    #expect(node.raft.term == .zero)
    #expect(node.writes.isEmpty)
  }

  @Test("a learner that a newer configuration counts as voter votes when asked")
  func learnersVoteWhenAsked() throws {
    var node = try Single(3, of: 2, learners: [3])
    node.receive(request(), from: 1, term: 1)
    node.persist()
    #expect(node.take().voteReplies == [VoteReply(preVote: false, granted: true)])
  }

  @Test("a candidate of an earlier term is told of the later one")
  func earlierTermIsToldOfTheLaterOne() throws {
    var node = try Single(restored: Restored(hardState: HardState(term: Term(5))))
    node.receive(request(preVote: true), from: 2, term: 3)
    node.receive(request(), from: 2, term: 3)
    let replies = node.take()
    #expect(replies.map(\.term) == [Term(5), Term(5)])
    #expect(replies.voteReplies.allSatisfy { !$0.granted })
  }

  @Test("no answer shows a term that is not on disk")
  func answersWaitForTheTerm() throws {
    var node = try Single()
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 2, term: 4)
    #expect(node.take().isEmpty)
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 3, term: 2)
    node.append(entries(4, from: 8), after: (7, 4), term: 4)
    #expect(node.take().isEmpty)
    node.persist()
    let answers = node.take()
    #expect(answers.count == 3)
    #expect(answers.allSatisfy { $0.term == Term(4) })
  }

  @Test("messages that are malformed, of term 0, or for someone else change nothing")
  func strayMessagesAreIgnored() throws {
    var node = try Single()
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 2, term: 0)
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 0, term: 1)
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 1, term: 1)
    node.receive(.heartbeat(Heartbeat(commit: .zero)), from: 2, term: .max)
    node.raft.step(Message(from: two, to: three, term: Term(1), body: .heartbeat(Heartbeat(commit: .zero))))
    node.append(entries(1, 1, from: 3), after: (0, 0), term: 1)
    node.append(entries(2, 1), after: (0, 0), term: 2)
    node.append(entries(3), after: (0, 0), term: 2)
    node.append(entries(1), after: (.max, 1), term: 2)
    node.absorb()
    #expect(node.raft.term == .zero)
    #expect(node.raft.lastIndex == .zero)
    #expect(node.sent.isEmpty && node.writes.isEmpty)
  }
}
