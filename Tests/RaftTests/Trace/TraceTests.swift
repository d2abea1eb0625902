import Foundation
import Raft
import Synchronization
import Testing

@Suite struct TraceTests {
  /// The events of all members, in the order in which they happened.
  private final class Recorder: Sendable {
    private let storage = Mutex<[TraceEvent]>([])
    var events: [TraceEvent] { storage.withLock { $0 } }
    func add(_ event: TraceEvent) { storage.withLock { $0.append(event) } }
  }

  /// An election, a command, a change of the group, a snapshot and a transfer.
  private func record() -> [TraceEvent] {
    let recorder = Recorder()
    var cluster = Cluster(3)
    for id in cluster.ids { _ = cluster.change(id) { $0.trace = { recorder.add($0) } } }
    cluster.elect(one)
    cluster.propose(one, 1)
    cluster.settle()
    _ = cluster.read(two, context: 1)
    cluster.crash(three)
    cluster.propose(one, 2)
    cluster.settle()
    cluster.makeSnapshot(one)
    cluster.start(three)
    _ = cluster.change(three) { $0.trace = { recorder.add($0) } }
    cluster.tickAll(6)
    _ = cluster.change(one) { $0.changeMembership(MembershipChange(demote: [three])) }
    cluster.settle()
    _ = cluster.change(one) { $0.transferLeadership(to: two) }
    cluster.settle()
    return recorder.events
  }

  @Test("every event is one line of JSON, with the node and its state")
  func linesAreJSON() throws {
    let events = record()
    #expect(events.count > 100)
    for event in events {
      let line = event.json
      #expect(!line.contains("\n"))
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["tag"] as? String == "trace")
      let fields = try #require(object?["event"] as? [String: Any])
      #expect(fields["name"] as? String == event.name)
      #expect(fields["nid"] as? String == "\(event.node)")
      let state = try #require(fields["state"] as? [String: Any])
      #expect(state["term"] as? UInt64 == event.term.rawValue)
      #expect(state["commit"] as? UInt64 == event.commit.rawValue)
      #expect(fields["log"] as? UInt64 == event.lastIndex.rawValue)
      if let message = event.message {
        let sent = try #require(fields["msg"] as? [String: Any])
        #expect(sent["from"] as? String == "\(message.from)" && sent["to"] as? String == "\(message.to)")
      }
    }
  }

  @Test("all kinds of transitions are told")
  func kindsAreTold() {
    let names = Set(record().map(\.name))
    let wanted = [
      "InitState", "Ready",
      "BecomePreCandidate", "BecomeCandidate", "BecomeLeader", "BecomeFollower", "Replicate", "Commit",
      "ApplyConfChange", "SendRequestVoteRequest", "ReceiveRequestVoteRequest", "SendRequestVoteResponse",
      "ReceiveRequestVoteResponse", "SendAppendEntriesRequest", "ReceiveAppendEntriesRequest",
      "SendAppendEntriesResponse", "ReceiveAppendEntriesResponse", "SendSnapshot", "ReceiveSnapshot",
      "SendSnapshotResponse", "SendReadIndexRequest", "ReceiveReadIndexResponse", "SendTimeoutNow",
    ]
    #expect(wanted.filter { !names.contains($0) } == [])
  }

  @Test(
    "the events of a run tell of each node a term and a commit index that never go back, and leaders that won")
  func storyHolds() {
    var terms: [NodeID: Term] = [:]
    var commits: [NodeID: LogIndex] = [:]
    var candidates: Set<NodeID> = []
    var committedByLeaders = LogIndex.zero
    // What is on disk is behind what is so.
    for event in record() where !["InitState", "Ready"].contains(event.name) {
      #expect(event.term >= terms[event.node] ?? .zero)
      terms[event.node] = event.term
      if event.name == "Commit" {
        #expect(event.commit > commits[event.node] ?? .zero)
        commits[event.node] = event.commit
        #expect(event.commit <= event.lastIndex)
        if event.role == .leader { committedByLeaders = max(committedByLeaders, event.commit) }
        #expect(event.commit <= committedByLeaders)
      }
      if event.name == "BecomeCandidate" { candidates.insert(event.node) }
      if event.name == "BecomeLeader" { #expect(candidates.contains(event.node)) }
    }
    #expect(commits.count == 3)
  }

  @Test(
    "what is on disk is told first, and then every vote, append report and leadership after what it counts on")
  func diskComesFirst() {
    let recorder = Recorder()
    var cluster = Cluster(3)
    for id in cluster.ids { _ = cluster.change(id) { $0.trace = { recorder.add($0) } } }
    #expect(recorder.events.map(\.name) == ["InitState", "InitState", "InitState"])
    cluster.hung.insert(three)
    cluster.elect(one)
    cluster.propose(one, 1)
    cluster.settle()
    #expect(!recorder.events.contains { $0.node == three && $0.name == "Ready" })
    cluster.hung.remove(three)
    while !cluster[three].writes.isEmpty { cluster.persist(three) }
    cluster.settle()
    var durable: [NodeID: TraceEvent] = [:]
    for event in recorder.events {
      if event.name == "Ready" || event.name == "InitState" {
        #expect(event.term >= durable[event.node]?.term ?? .zero)
        durable[event.node] = event
      }
      guard let disk = durable[event.node], let message = event.message else {
        if event.name == "BecomeLeader" {
          #expect(durable[event.node]?.term == event.term && durable[event.node]?.vote == event.node)
        }
        continue
      }
      // What a member hears of an answer was on the disk of its sender.
      guard event.name.hasPrefix("Receive"), let sender = durable[message.from] else { continue }
      switch message.body {
      case .voteReply(let reply) where reply.granted && !reply.preVote:
        #expect(sender.term == message.term && sender.vote == message.to)
      case .appendReply(let reply) where !reply.rejected: #expect(sender.lastIndex >= reply.index)
      default: break
      }
      #expect(disk.node == event.node)
    }
    #expect(durable[three]?.lastIndex == LogIndex(2) && durable[three]?.vote == one)
  }

  @Test("a member whom nobody listens to says nothing, and does the same")
  func tracingChangesNothing() {
    var silent = Cluster(3)
    var traced = Cluster(3)
    for id in traced.ids { _ = traced.change(id) { $0.trace = { _ in } } }
    silent.tickAll(60)
    traced.tickAll(60)
    #expect(silent.members.map { $0.raft?.term } == traced.members.map { $0.raft?.term })
    #expect(silent.leader == traced.leader)
    #expect(silent.members.map(\.machine) == traced.members.map(\.machine))
  }
}
