import Raft
import Testing

@testable import Node

@Suite("Who may be given sessions")
struct OwnersTests {
  private func candidate(
    _ id: UInt64, voter: Bool = true, connected: Bool = true, takesWork: Bool = true, lag: UInt64? = 0,
    memory: Bool = true
  ) -> OwnerCandidate {
    OwnerCandidate(
      id: NodeID(id), isVoter: voter, isConnected: connected, takesWork: takesWork, lag: lag, hasMemory: memory)
  }

  private func fit(_ candidates: OwnerCandidate...) -> [UInt64] { Owners.fit(candidates).map(\.rawValue) }

  @Test("voters that are caught up, and no learner and no node that is far behind or has said nothing yet")
  func caughtUp() {
    #expect(
      fit(
        candidate(1), candidate(2, voter: false), candidate(3, lag: Owners.bearableLag),
        candidate(4, lag: Owners.bearableLag + 1), candidate(5, lag: nil)) == [1, 3])
  }

  @Test("nobody who cannot be reached, has no room, or goes")
  func willing() {
    #expect(fit(candidate(1, connected: false), candidate(2, takesWork: false), candidate(3)) == [3])
    #expect(fit(candidate(1, connected: false), candidate(2, takesWork: false)) == [])
  }

  @Test("those that have memory, and all when nobody has")
  func memory() {
    #expect(fit(candidate(1, memory: false), candidate(2), candidate(3, lag: nil)) == [2])
    #expect(
      fit(candidate(1, memory: false), candidate(2, memory: false), candidate(3, voter: false)) == [1, 2])
  }

  @Test("whoever can be reached and takes work, when nobody is caught up")
  func fallback() {
    #expect(
      fit(
        candidate(1, takesWork: false), candidate(2, voter: false), candidate(3, lag: 99_999),
        candidate(4, connected: false, lag: nil)) == [2, 3])
  }
}
