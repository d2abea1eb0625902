import Kernel
import Protocol
import Testing

@testable import Node

@Suite("Members that have moved")
struct MovedNodesTests {
  private func address(_ host: String) -> MemberAddress {
    MemberAddress(id: 3, name: "node3", peerAddress: host + ":9101", clientURL: "http://" + host)
  }

  @Test("are tried where they say they are, and where they were when nobody answers there")
  func tried() {
    var moves = MovedNodes()
    var now = Instant(nanoseconds: 1)
    let new = address("10.0.0.9")
    func look(_ isConnected: Bool) -> Bool { moves.look(3, said: new, isConnected: isConnected, now: now) }
    // Whoever can be reached has not moved.
    #expect(!look(true))
    #expect(look(false))
    #expect(moves.address(of: 3) == new)
    now = now + .seconds(4)
    #expect(!look(false))
    now = now + .seconds(1)
    #expect(look(false))
    #expect(moves.address(of: 3) == nil)
    #expect(!look(false))
    now = now + .seconds(15)
    #expect(look(false))
    now = now + .seconds(60)
    // It answers there: that stays so until the log says it, or until it is gone again.
    #expect(!look(true) && moves.address(of: 3) == new)
    moves.follow([new])
    #expect(moves.address(of: 3) == nil)
  }
}
