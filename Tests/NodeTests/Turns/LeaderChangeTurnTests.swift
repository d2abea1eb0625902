import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A new leader, a new owner or a link that is back: what waits goes again part by part")
struct LeaderChangeTurnTests {
  @Test("ten thousand requests under way go again in pieces, in their order")
  func again() throws {
    var node = try LoneNode()
    let sessions = try (0..<100).map { try node.open("r\($0)", customer: "c\($0)", owner: 3) }
    for (place, session) in sessions.enumerated() {
      let connection = ConnectionID(sink: 0, number: UInt64(place + 1))
      for number in 0..<50 {
        node.say("m\(number)", in: session, tag: UInt32(number), customer: "c\(place)", on: connection)
      }
    }
    for number in 0..<5_000 as Range<UInt32> {
      node.ask(
        .open(
          OpenRequest(id: "o\(number)", channel: "web", skill: "", intent: "", priority: 0, attributes: [])),
        tag: number,
        by: Person(id: "d\(number)", role: .customer, name: ""),
        on: ConnectionID(sink: 0, number: 1_000 + UInt64(number)))
    }
    node.endTurn()
    // The first of each session was answered, and all that waited behind it is under way.
    node.commit(
      node.pending.filter { number in
        if case .send(let send)? = node.node.pending[number]?.command { send.id == "m0" } else { false }
      }.map { node.submission($0) })
    node.forget()
    node.take(.linkUp(NodeID(3), .newest))
    let turns = node.turns()
    #expect(turns.allSatisfy { $0.forwards <= TurnLimits().routed + SessionPipelines.width })
    #expect(turns.reduce(0) { $0 + $1.forwards } == 100 * 49)
    let forwards = node.forwards(to: 3)
    for session in sessions {
      let ids = forwards.compactMap { forward -> String? in
        guard forward.session == session, case .send(let send) = forward.command else { return nil }
        return send.id
      }
      #expect(ids == (1..<50).map { "m\($0)" })
    }
  }

  @Test("what one session has under way is never torn apart between two turns")
  func together() {
    var again = RoutedAgain()
    let sessions = (0..<100).map { SessionID(rawValue: UInt64($0)) }
    var number: UInt64 = 0
    for _ in 0..<64 {
      for session in sessions {
        number += 1
        again.add(number, of: session)
      }
    }
    again.add(number + 1, of: nil)
    // A second reason changes nothing.
    for known in 1...number { again.add(known, of: sessions[Int((known - 1) % 100)]) }
    var taken: [[UInt64]] = []
    while !again.isEmpty { taken.append(again.take(TurnLimits().routed)) }
    #expect(taken.flatMap { $0 }.sorted() == Array(1...number + 1))
    for part in taken {
      #expect(part.count <= TurnLimits().routed + SessionPipelines.width)
      for session in 0..<100 as Range<UInt64> {
        let own = part.filter { $0 <= number && ($0 - 1) % 100 == session }
        #expect(own.isEmpty || own == own.sorted() && own.count == 64)
      }
    }
  }

  @Test("a request that comes late to a session that waits already goes at its place")
  func place() {
    var again = RoutedAgain()
    let session = SessionID(rawValue: 7)
    again.add(5, of: session)
    again.add(9, of: session)
    again.add(7, of: session)
    #expect(again.take(1) == [5, 7, 9])
    #expect(again.isEmpty)
    again.add(5, of: session)
    #expect(again.take(1) == [5])
  }
}
