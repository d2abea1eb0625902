import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("Reads of the staff are noted before they are answered")
struct NotedReadsTests {
  private static let kim = Person(id: "kim", role: .supervisor, name: "Kim")

  private func node() throws -> (LoneNode, SessionID) {
    var node = try LoneNode()
    node.raiseLevel(.eighth)
    let session = try node.open("r", owner: 3)
    node.sayElsewhere("m", in: session)
    node.forget()
    return (node, session)
  }

  private func notes(_ node: LoneNode) -> [UInt64] {
    node.node.pending.numbers { if case .noteRead = $0.command { true } else { false } }
  }

  @Test("a supervisor's page waits for its note, and comes once that is applied")
  func waits() throws {
    var (node, session) = try node()
    node.ask(.history(session, .after(.zero), limit: 10), tag: 1, by: Self.kim)
    node.endTurn()
    node.answerReads()
    #expect(node.clients.replies.isEmpty && notes(node).count == 1)
    node.commit(notes(node).map { node.submission($0) })
    node.endTurn()
    node.answerReads()
    guard case .history(_, let messages, _, _)? = node.clients.replies.last?.reply else {
      return #expect(Bool(false), "\(node.clients.replies)")
    }
    #expect(messages.count == 1 && node.node.state.audit(of: .main)?.count == 1)
    // The next page within a minute is part of the same reading, and one of another session is not.
    node.forget()
    node.ask(.history(session, .after(.zero), limit: 10), tag: 2, by: Self.kim)
    node.endTurn()
    #expect(notes(node).isEmpty)
    node.later(.seconds(61))
    node.ask(.history(session, .after(.zero), limit: 10), tag: 3, by: Self.kim)
    node.endTurn()
    #expect(notes(node).count == 1)
  }

  @Test("its customer, and the agent who serves it, wait for nothing; at level 7 nobody does")
  func own() throws {
    var (node, session) = try node()
    node.ask(.history(session, .after(.zero), limit: 10), by: .ann)
    node.endTurn()
    #expect(notes(node).isEmpty)
    var old = try LoneNode()
    old.raiseLevel(.seventh)
    let other = try old.open("r", owner: 3)
    old.ask(.history(other, .after(.zero), limit: 10), by: Self.kim)
    old.endTurn()
    #expect(notes(old).isEmpty)
  }

  @Test("many who ask the same wait for one note, and what waits is bounded")
  func bounded() throws {
    var reads = AuditedReads()
    let now = Instant(nanoseconds: 1)
    let note = AuditNote(Self.kim, "history", AuditMatter(session: SessionID(rawValue: 7)), in: .main)
    let read = NoteRead(desk: .main, note: note)
    let isFirst = [
      reads.wait(.call(1), for: read, since: now), reads.wait(.call(2), for: read, since: now),
    ]
    #expect(isFirst == [true, false] && reads.count == 2)
    let told = reads.wasNoted(read, at: now).map { waiter -> UInt64 in
      if case .call(let number) = waiter { number } else { 0 }
    }
    #expect(told == [1, 2] && reads.isEmpty && reads.isNoted(read, at: now + .seconds(59)))
    #expect(!reads.isNoted(read, at: now + .seconds(60)))
    // With more than are remembered the last one still is.
    for number in 0..<AuditedReads.mostRemembered {
      let matter = AuditMatter(session: SessionID(rawValue: UInt64(number + 100)))
      let other = NoteRead(desk: .main, note: AuditNote(Self.kim, "history", matter, in: .main))
      _ = reads.wasNoted(other, at: now)
      #expect(reads.isNoted(other, at: now))
    }
    #expect(!reads.isNoted(read, at: now))
  }

  @Test("a note that nobody waits for any more is under way still, and counts as long as it is")
  func underWay() throws {
    var reads = AuditedReads()
    let now = Instant(nanoseconds: 1)
    func read(_ number: Int) -> NoteRead {
      let matter = AuditMatter(session: SessionID(rawValue: UInt64(number)))
      return NoteRead(desk: .main, note: AuditNote(Self.kim, "history", matter, in: .main))
    }
    for number in 0..<AuditedReads.most {
      #expect(reads.hasRoom)
      _ = reads.wait(.call(UInt64(number)), for: read(number), since: now)
    }
    #expect(!reads.hasRoom)
    #expect(reads.takeLate { _, _ in true }.count == AuditedReads.most)
    #expect(reads.isEmpty && !reads.hasRoom, "as many more would be proposed at each time-out")
    _ = reads.wasNoted(read(0), at: now)
    #expect(reads.hasRoom)
  }

  @Test("who waits too long is told so, and a call of the HTTP interface as well")
  func late() throws {
    var (node, session) = try node()
    node.ask(.history(session, .after(.zero), limit: 10), tag: 1, by: Self.kim)
    node.take(.call(5, .noteRead(Self.kim, .main, session)))
    node.endTurn()
    node.pass(node.node.configuration.readTimeout + 2_000)
    guard case .failed(let failure)? = node.clients.replies.last?.reply else {
      return #expect(Bool(false), "\(node.clients.replies)")
    }
    #expect(failure.code == .busy)
    #expect(
      node.answers.contains { if case (5, .readable(let failure)) = $0 { failure != nil } else { false } })
  }
}
