import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

/// Node 1, which reads up to `Level.newest`, meets what a newer release has written.
@Suite("What a newer release has written")
struct UnreadableTests {
  private static let newer = Level(Level.newest.rawValue + 1)
  private static let raise = Submission(
    origin: Origin(server: ServerID(2), request: 0),
    command: .raiseLevel(RaiseLevel(level: newer, release: "9.8.7")))

  private func words(_ node: LoneNode) throws -> String {
    guard case .newerLevel(let what)? = node.failure else { throw Other() }
    return what
  }

  private struct Other: Error {}

  @Test(
    "an entry above what this node reads ends it before the entry is appended, with the version that is needed")
  func entry() throws {
    var node = try LoneNode()
    node.persist()
    let last = node.node.raft.lastIndex
    node.append(bytes: CommandCodec.encode([Self.raise]))
    node.endTurn()
    #expect(node.node.hasEnded && node.node.raft.lastIndex == last && node.writes.isEmpty)
    let why = try words(node)
    #expect(why.contains("level \(Self.newer)") && why.contains("version 9.8.7 or newer"))
  }

  @Test("so does one of a form that nobody knows yet")
  func unknownForm() throws {
    var node = try LoneNode()
    let last = node.node.raft.lastIndex
    node.append(bytes: [77, 1, 2, 3])
    node.endTurn()
    #expect(node.node.hasEnded && node.node.raft.lastIndex == last)
    _ = try words(node)
  }

  @Test("an entry of this node's own level binds it to peers that read it, before it is committed")
  func ownLevel() throws {
    var node = try LoneNode()
    #expect(node.node.requiredLevel == .first)
    let raise = Submission(
      origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(.second)))
    node.append([[raise]], isCommitted: false)
    #expect(node.turn().requiredLevel == .second)
    #expect(!node.node.hasEnded && node.node.requiredLevel == .second)
    #expect(node.node.state.level == .first && node.node.status().level == 1)
    node.commit([])
    #expect(node.node.state.level == .second && node.node.status().level == 2)
  }

  @Test("what is on the disk binds a node before it speaks with anybody, be it a snapshot or an entry")
  func restored() throws {
    var raised = ReplicatedState()
    var effects: [Effect] = []
    let raise = Submission(
      origin: Origin(server: ServerID(2), request: 0), command: .raiseLevel(RaiseLevel(.second)))
    raised.apply([raise], index: 1, now: 1, into: &effects)
    #expect(Node.recoveredLevel(raised, []) == .second)
    let data = CommandCodec.encode([raise])
    let entry = Entry(
      index: LogIndex(1), term: Term(1), time: 1, checksum: CRC32C.checksum(data), data: data)
    #expect(Node.recoveredLevel(ReplicatedState(), [entry]) == .second)
    #expect(Node.recoveredLevel(ReplicatedState(), []) == .first)
  }

  @Test("a client's command above the cluster's level is refused with `upgrading` and is not proposed")
  func refused() throws {
    var node = try LoneNode()
    node.node.enter(Self.raise.command, for: .first, tag: 7)
    node.endTurn()
    let failure = try #require(node.clients.failures.first)
    #expect(failure.tag == 7 && failure.failure.code == .upgrading)
    #expect(failure.failure.retryAfterMilliseconds != nil && node.pending.isEmpty)
  }

  @Test("an operation that expects a version is refused with `upgrading` while an older node may be there")
  func expectations() throws {
    for level in [Level.third, .fourth, .fifth, .sixth, .seventh] {
      var node = try LoneNode()
      let raise = Command.raiseLevel(RaiseLevel(level))
      node.commit([Submission(origin: Origin(server: ServerID(3), request: 0), command: raise)])
      let session = try node.open("r1", customer: "ann", owner: 1)
      node.forget()
      let seen = try #require(node.node.state.session(session)).version
      let record = OperationRecord(
        Close(session: session), id: "c1", expecting: Expectation(versions: [seen]))
      node.ask(.perform(record), tag: 7)
      node.endTurn()
      guard level < .fifth else {
        #expect(node.clients.failures.isEmpty && node.pending.count == 1)
        continue
      }
      #expect(node.clients.failures.map(\.failure.code) == [.upgrading] && node.pending.isEmpty)
    }
  }

  @Test("of a frame with such a command the rest is taken, and the sender is told in words that it knows")
  func forwards() throws {
    for level in [Level.first, .second] {
      var node = try LoneNode()
      let session = try node.open("r1", owner: 1)
      node.take(.linkUp(NodeID(2), level))
      node.endTurn()
      node.forget()
      let owner = try #require(node.node.state.owner(of: session))
      var batch = ForwardBatch(
        forwards: [4, 6].map { number in
          Forward(
            request: number, session: session, epoch: owner.epoch,
            command: .close(CloseSession(session: session, epoch: owner.epoch, by: .ann, reason: "")))
        })
      batch.unreadable = [5]
      node.take(.peer(.forward(batch), from: NodeID(2)))
      node.endTurn()
      #expect(node.proposals.map(\.count) == [2])
      #expect(
        node.refusals(to: 2) == [ForwardRefusal(request: 5, reason: level == .first ? .busy : .unreadable)])
    }
  }

  @Test(
    "a forward of a level that its owner reads, and has not applied yet, is asked for again and not refused")
  func ahead() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 1)
    node.take(.linkUp(NodeID(2), .newest))
    node.endTurn()
    node.forget()
    let owner = try #require(node.node.state.owner(of: session))
    let close = Envelope(Close(session: session), id: "", by: .ann, epoch: owner.epoch)
    let forward = Forward(request: 4, session: session, epoch: owner.epoch, command: .perform(close))
    node.take(.peer(.forward(ForwardBatch(forwards: [forward])), from: NodeID(2)))
    node.endTurn()
    #expect(node.proposals.isEmpty && node.refusals(to: 2) == [ForwardRefusal(request: 4, reason: .notOwner)])
  }

  @Test("a forward that its owner cannot read ends with `upgrading`, and is not sent again and again")
  func forwardRefused() throws {
    var node = try LoneNode()
    let session = try node.open("r1", owner: 2)
    node.say("m1", in: session, tag: 3)
    node.endTurn()
    let number = try #require(node.pending.first)
    node.take(.peer(.refused([ForwardRefusal(request: number, reason: .unreadable)]), from: NodeID(2)))
    node.endTurn()
    #expect(node.pending.isEmpty && node.clients.failures.map(\.failure.code) == [.upgrading])
  }
}
