import Desk
import Testing

@testable import Node

@Suite("Who is connected is known on all nodes of a session")
struct SessionPresenceTests {
  /// A customer on the first node and an agent on the second, each of whom knows of the other; the third owns the session.
  private func talk() -> Neighbourhood {
    var nodes = Neighbourhood()
    nodes.owner = 3
    nodes.come("ben", on: 1)
    nodes.come("anna", .agent, on: 2)
    nodes.pass(500)
    #expect(nodes.shown(on: 1).sorted() == ["anna", "ben"])
    #expect(nodes.shown(on: 2).sorted() == ["anna", "ben"])
    nodes.forgetTold()
    return nodes
  }

  @Test("who comes is told at once, who goes after three seconds, and neither more than once")
  func comesAndGoes() {
    var nodes = talk()
    nodes.come("carl", .agent, on: 2)
    nodes.pass(300)
    #expect(nodes.told == [1: ["+carl"], 2: ["+carl"]])
    nodes.forgetTold()
    nodes.go("carl", from: 2)
    nodes.pass(2_900)
    #expect(nodes.told == [:])
    nodes.pass(400)
    #expect(nodes.told == [1: ["-carl"], 2: ["-carl"]])
    nodes.pass(60_000)
    #expect(nodes.told == [1: ["-carl"], 2: ["-carl"]])
  }

  @Test("who is back within three seconds, there or on another node, was never away")
  func flaps() {
    var nodes = talk()
    for _ in 0..<5 {
      nodes.go("ben", from: 1)
      nodes.pass(2_000)
      nodes.come("ben", on: 1)
      nodes.pass(500)
    }
    nodes.go("ben", from: 1)
    nodes.pass(2_000)
    nodes.come("ben", on: 3)
    nodes.pass(5_000)
    #expect(nodes.told[2] == nil)
    #expect(nodes.shown(on: 3).sorted() == ["anna", "ben"])
  }

  @Test("several connections count once, and only the last that goes counts")
  func severalConnections() {
    var nodes = talk()
    nodes.come("ben", on: 1)
    nodes.come("ben", on: 3)
    nodes.pass(1_000)
    nodes.go("ben", from: 1)
    nodes.go("ben", from: 1)
    nodes.pass(5_000)
    #expect(nodes.told[2] == nil)
    nodes.go("ben", from: 3)
    nodes.pass(4_000)
    #expect(nodes.told[2] == ["-ben"])
  }

  @Test("who looks on sees who is there and is seen by nobody")
  func looksOn() {
    var nodes = talk()
    nodes.come("eve", .supervisor, on: 3)
    nodes.pass(500)
    #expect(nodes.told[3]?.sorted() == ["+anna", "+ben"])
    #expect(nodes.shown(on: 3).sorted() == ["anna", "ben"])
    #expect(nodes.shown(on: 1).sorted() == ["anna", "ben"])
  }

  @Test("people of a node that dies are gone, but for those who come back elsewhere in time")
  func nodeDies() {
    var nodes = talk()
    nodes.come("carl", .agent, on: 1)
    nodes.pass(300)
    nodes.forgetTold()
    nodes.kill(1)
    nodes.pass(1_000)
    nodes.come("carl", .agent, on: 3)
    nodes.pass(5_000)
    #expect(nodes.told[2] == ["-ben"])
  }

  @Test(
    "a new owner shows nobody away who is there, nor anybody anew, and misses who was lost with the old one")
  func ownerChanges() {
    var nodes = talk()
    nodes.move(to: 1)
    nodes.pass(5_000)
    #expect(nodes.tables[3]?.count == 0, "the owner before is told that it is that no longer")
    nodes.move(to: 2)
    nodes.pass(5_000)
    nodes.move(to: 1)
    nodes.pass(60_000)
    #expect(nodes.told == [:])
    // The owner dies with the customer's connection, as it mostly will.
    nodes.kill(1)
    nodes.pass(1_000)
    nodes.move(to: 3)
    nodes.pass(4_000)
    #expect(nodes.told == [2: ["-ben"]])
    #expect(nodes.tables[3]?.count == 1)
  }

  @Test("connections between nodes that end and come again show nothing")
  func reconnects() {
    var nodes = talk()
    for node: ServerID in [3, 1, 2] {
      nodes.reconnect(node)
      nodes.pass(5_000)
    }
    #expect(nodes.told == [:])
  }

  @Test("a lost report or list is mended by the next round")
  func lost() {
    var nodes = talk()
    nodes.losesReports = true
    nodes.come("carl", .agent, on: 1)
    nodes.pass(500)
    nodes.losesReports = false
    nodes.pass(15_500)
    #expect(nodes.told[2] == ["+carl"])
    nodes.losesLists = true
    nodes.go("carl", from: 1)
    nodes.pass(500)
    nodes.losesLists = false
    nodes.pass(15_500 + 3_500)
    #expect(nodes.told[2] == ["+carl", "-carl"])
  }

  @Test("who is not reported any more is gone after three rounds")
  func expires() {
    var nodes = talk()
    nodes.losesReports = true
    nodes.go("ben", from: 1)
    nodes.pass(30_000)
    #expect(nodes.tables[3]?.count == 1)
    nodes.pass(35_000)
    #expect(nodes.tables[3]?.count == 0)
  }

  @Test("when nothing happens each node reports once in a round and the owner has nothing to say")
  func idle() {
    var nodes = talk()
    let (reports, lists) = (nodes.reportsSent, nodes.listsSent)
    nodes.pass(60_000)
    #expect(nodes.reportsSent - reports <= 2 * 5)
    #expect(nodes.listsSent == lists)
  }

  @Test("a session that nobody follows is forgotten everywhere")
  func forgotten() {
    var nodes = talk()
    nodes.go("ben", from: 1)
    nodes.go("anna", from: 2)
    nodes.pass(300)
    #expect(nodes.tables[3]?.count == 0)
    #expect(nodes.shown(on: 1).isEmpty)
  }
}
