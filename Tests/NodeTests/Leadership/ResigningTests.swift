import Kernel
import Raft
import Testing

@testable import Node

@Suite("A leader that can write nothing")
struct ResigningTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  @Test("resigns when nobody has taken over for five seconds, and not before")
  func waits() {
    var resigning = Resigning()
    for (after, due) in [(0, false), (4_999, false), (5_000, true)] as [(Int64, Bool)] {
      #expect(
        resigning.isDue(isUnable: true, othersSuffice: true, in: Term(2), at: start + .milliseconds(after))
          == due)
    }
  }

  @Test("begins to wait anew in another term, and when the reason was gone for a moment")
  func anew() {
    var resigning = Resigning()
    func isDue(_ seconds: Int64, unable: Bool = true, others: Bool = true, term: UInt64 = 2) -> Bool {
      resigning.isDue(isUnable: unable, othersSuffice: others, in: Term(term), at: start + .seconds(seconds))
    }
    #expect(!isDue(0) && !isDue(4) && !isDue(6, term: 3) && !isDue(10, term: 3))
    #expect(!isDue(10, unable: false, term: 3) && !isDue(12, term: 3) && !isDue(16, term: 3))
    #expect(!isDue(16, others: false, term: 3) && !isDue(18, term: 3) && isDue(23, term: 3))
  }

  @Test("stays when the others that can write are no majority: nobody could do better")
  func others() {
    let three = Membership(voters: [1, 2, 3].map { NodeID($0) }, learners: [NodeID(4)])
    func suffice(_ membership: Membership, _ able: [UInt64]) -> Bool {
      Resigning.othersSuffice(membership, without: NodeID(1)) { able.contains($0.rawValue) }
    }
    #expect(suffice(three, [2, 3]) && suffice(three, [1, 2, 3]))
    #expect(!suffice(three, [2]) && !suffice(three, [1, 2]) && !suffice(three, [2, 4]))
    let joint = Membership(voters: [1, 2, 5].map { NodeID($0) }, outgoing: [1, 3, 4].map { NodeID($0) })
    #expect(suffice(joint, [2, 5, 3, 4]))
    #expect(!suffice(joint, [2, 5, 3]) && !suffice(joint, [2, 3, 4]))
    #expect(!suffice(Membership(voters: [NodeID(1)]), [1]))
  }
}
