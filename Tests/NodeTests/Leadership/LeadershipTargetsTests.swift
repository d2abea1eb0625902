import Kernel
import Protocol
import Testing

@testable import Node
@testable import Raft

@Suite("Who may be handed leadership")
struct LeadershipTargetsTests {
  private let commit = LogIndex(5_000)

  private func candidate(
    _ id: UInt64, isDraining: Bool = false, diskIsFull: Bool = false, match: UInt64 = 5_000
  ) -> LeadershipCandidate {
    var notice = NodeNotice()
    notice.isDraining = isDraining
    notice.diskIsFull = diskIsFull
    return LeadershipCandidate(id: NodeID(id), isConnected: true, notice: notice, progress: progress(match))
  }

  private func progress(
    _ match: UInt64, state: FollowerProgress.State = .replicate, isActive: Bool = true
  ) -> FollowerProgress {
    FollowerProgress(
      match: LogIndex(match), next: LogIndex(match + 1), state: state, recentlyActive: isActive,
      snapshotOffset: 0, inflightMessages: 0)
  }

  private func ranked(_ candidates: [LeadershipCandidate], own: Reluctance) -> [UInt64] {
    LeadershipTargets.ranked(candidates, own: own, commit: commit).map(\.rawValue)
  }

  @Test("whoever wants to lead comes first, then whoever lacks least of the log, then the lowest number")
  func order() {
    let candidates = [
      candidate(5, isDraining: true), candidate(4), candidate(2, match: 4_990), candidate(3),
    ]
    #expect(ranked(candidates, own: .fullDisk) == [3, 4, 2, 5])
  }

  @Test("leadership goes only to a node that wants it more: no two reluctant nodes give it to each other")
  func onlyUpwards() {
    let drained = candidate(2, isDraining: true)
    let full = candidate(3, diskIsFull: true)
    #expect(ranked([drained, full], own: .draining).isEmpty)
    #expect(ranked([drained, full], own: .fullDisk) == [2])
    #expect(ranked([candidate(2, isDraining: true, diskIsFull: true)], own: .fullDisk).isEmpty)
    #expect(ranked([candidate(4)], own: .none).isEmpty)
  }

  @Test("a node that cannot lead is no target, however much it would like to")
  func able() {
    var cut = candidate(2)
    cut.isConnected = false
    var unheard = candidate(3)
    unheard.notice = nil
    var silent = candidate(4)
    silent.progress = progress(5_000, isActive: false)
    var behind = candidate(5)
    behind.progress = progress(5_000 - UInt64(LeadershipTargets.bearableLag) - 1)
    var empty = candidate(6)
    empty.progress = progress(5_000, state: .snapshot)
    var stranger = candidate(7)
    stranger.progress = nil
    #expect(ranked([cut, unheard, silent, behind, empty, stranger], own: .fullDisk).isEmpty)
  }

  @Test("a node that wants to lead and is behind is no target yet, and worth waiting for")
  func worthWaiting() {
    let behind = candidate(2, match: 1)
    #expect(ranked([behind], own: .draining).isEmpty)
    #expect(LeadershipTargets.isSomebodyWilling([behind], own: .draining))
    #expect(!LeadershipTargets.isSomebodyWilling([candidate(2, isDraining: true)], own: .draining))
    #expect(!LeadershipTargets.isSomebodyWilling([], own: .fullDisk))
  }

  @Test("a transfer that failed is not repeated at once, and then another target comes first")
  func pauses() {
    var handing = HandingOver()
    let targets = [NodeID(2), NodeID(3)]
    let start = Instant(nanoseconds: 1_000_000_000)
    #expect(handing.next(targets, in: Term(4), at: start) == NodeID(2))
    #expect(handing.next(targets, in: Term(4), at: start + .milliseconds(1_999)) == nil)
    #expect(handing.next(targets, in: Term(4), at: start + .seconds(2)) == NodeID(3))
    #expect(handing.next(targets, in: Term(4), at: start + .seconds(4)) == NodeID(2))
    #expect(handing.next([NodeID(2)], in: Term(4), at: start + .seconds(6)) == NodeID(2), "there is no other")
    #expect(
      handing.next(targets, in: Term(5), at: start + .seconds(7)) == NodeID(2), "a new term is a new start")
    #expect(handing.next([], in: Term(6), at: start + .seconds(8)) == nil)
  }
}
