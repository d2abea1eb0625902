import Raft
import Testing

@Suite struct InterpreterTests {
  private let scenario = """
    # A comment.
    cluster 3
    elect 1
    propose 1 a
    log 1
    ----
    1: 1/1:noop 2/1:a

    propose 2 b
    ----
    forwarded

    """

  @Test("a transcript that fits has no mismatch, and is not changed by rewriting")
  func fittingTranscripts() {
    let run = TranscriptRun(Transcript(scenario))
    #expect(run.mismatches.isEmpty)
    #expect(run.violations.isEmpty)
    #expect(run.rewritten.text == scenario)
  }

  @Test("a mismatch names the line and shows what has to go and to come; rewriting mends it")
  func mismatches() throws {
    let wrong = scenario.replacing("2/1:a", with: "2/1:z").replacing(
      "forwarded", with: "forwarded\nsomething else")
    let run = TranscriptRun(Transcript(wrong))
    #expect(run.mismatches.map(\.line) == [5, 9])
    let first = try #require(run.mismatches.first)
    #expect(first.description.hasSuffix("- 1: 1/1:noop 2/1:z\n+ 1: 1/1:noop 2/1:a"))
    #expect(run.mismatches.last?.description.hasSuffix("  forwarded\n- something else") == true)
    #expect(run.rewritten.text == scenario)
  }

  @Test("an answer that nobody expects is a mismatch, as is an expected one that does not come")
  func unexpectedAnswers() {
    let silent = TranscriptRun(Transcript("cluster 3\nstatus 1\n"))
    #expect(silent.mismatches.first?.expected == [])
    #expect(silent.mismatches.first?.actual.count == 2)
    let spoken = TranscriptRun(Transcript("cluster 3\n----\nnothing\n"))
    #expect(spoken.mismatches.first?.actual == [])
  }

  @Test(
    "a command that makes no sense says why",
    arguments: [
      ("status", "error: a transcript begins with `cluster COUNT`"),
      ("cluster x", "error: x is not the number of voters"),
      ("cluster 3 speed=9", "error: there is no option speed"),
      ("cluster 3 preVote=perhaps", "error: preVote is on or off"),
    ])
  func commandsWithoutSense(command: String, answer: String) {
    var scenario = Scenario()
    let said = scenario.perform(command)
    #expect(said == [answer])
  }

  @Test(
    "a command to a cluster that makes no sense says why",
    arguments: [
      ("dance", "error: there is no command dance"), ("elect", "error: the number of a node is missing"),
      ("elect 9", "error: there is no node 9"), ("log 1 x", "error: x is too much"),
      (
        "hold letters",
        "error: letters is no kind of message: all, preVote, preVoteReply, vote, voteReply, append, "
          + "appendReply, heartbeat, heartbeatReply, chunk, chunkReply, propose, read, readReply, timeoutNow, "
          + "rejoin, rejoinReply"
      ),
      ("start 1", "error: node 1 runs"), ("wipe 1", "error: node 1 runs: crash it first"),
      ("process 9", "error: the next new process is node 4"), ("progress", "error: nobody leads"),
    ])
  func commandsToAClusterWithoutSense(command: String, answer: String) {
    var scenario = Scenario()
    _ = scenario.perform("cluster 3")
    let said = scenario.perform(command)
    #expect(said == [answer])
  }

  @Test("no expectation can allow what Raft promises never to do")
  func violationsAreReported() {
    // Two nodes of one cluster that each take themselves for a group of one.
    let split = """
      cluster 2
      elect 1
      elect 2
      """
    let run = TranscriptRun(Transcript(split)) { $0.membership = Membership(voters: [$0.id]) }
    #expect(run.violations.first?.hasPrefix("line 3, elect 2: term 1 has the leaders 1 and 2") == true)
  }

  @Test("a diff keeps what is common")
  func diffs() {
    #expect(
      LineDiff.lines(from: ["a", "b", "c"], to: ["a", "x", "c", "d"]) == ["  a", "- b", "+ x", "  c", "+ d"])
    #expect(LineDiff.lines(from: [], to: []).isEmpty)
  }
}
