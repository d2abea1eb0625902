import NIOCore
import Protocol
import Testing

@testable import Replica

@Suite("A node without a majority")
struct DispersalTests {
  private func dispersals(_ node: LoneReplica) -> Int {
    node.core.outboxes.reduce(0) { sum, outbox in
      sum
        + outbox.deliveries.count {
          if case .disperse("no_quorum", _) = $0 { true } else { false }
        }
    }
  }

  @Test("its clients are sent to look for another one after a while, once, and again when it happens again")
  func once() throws {
    let node = try LoneReplica()
    let core = node.core
    let lost = core.now
    core.leaderLostAt = lost
    core.now = lost + .milliseconds(Int64(core.options.dispersal))
    core.disperseWithoutQuorum()
    #expect(dispersals(node) == 0)
    core.now = core.now + .milliseconds(1)
    core.disperseWithoutQuorum()
    core.disperseWithoutQuorum()
    #expect(dispersals(node) == 1)
    core.leaderLostAt = nil
    core.hasDispersed = false
    core.disperseWithoutQuorum()
    #expect(dispersals(node) == 1)
    core.leaderLostAt = lost
    core.disperseWithoutQuorum()
    #expect(dispersals(node) == 2)
  }
}
