import Desk
import NIOCore
import Raft
import Testing

@testable import Replica

@Suite("Reads wait for what was committed before them")
struct ReadBarriersTests {
  private let now = NIODeadline.uptimeNanoseconds(0)

  private func waiter() -> ReadBarriers.Waiter { .call { _ in } }

  @Test("all readers of a turn share one round, which is read when its index is applied")
  func sharedRound() throws {
    var reads = ReadBarriers(after: 7)
    reads.wait(waiter(), since: now)
    reads.wait(waiter(), since: now)
    let context = try #require(reads.nextRound(at: now))
    #expect(context > 7)
    #expect(reads.nextRound(at: now) == nil)
    #expect(reads.takeReadable().isEmpty)
    reads.confirmed(ReadState(context: context, index: LogIndex(5)))
    reads.applied = LogIndex(4)
    #expect(reads.takeReadable().isEmpty)
    reads.applied = LogIndex(5)
    #expect(reads.takeReadable().count == 2)
    #expect(!reads.isWaiting)
  }

  @Test("a round that nobody answered is asked anew, and its late answer counts for nothing")
  func askedAnew() throws {
    var reads = ReadBarriers(after: 0)
    reads.wait(waiter(), since: now)
    let lost = try #require(reads.nextRound(at: now))
    reads.expire(now + .seconds(1), noQuorum: false)
    let again = try #require(reads.nextRound(at: now + .seconds(1)))
    #expect(again != lost)
    reads.applied = LogIndex(9)
    reads.confirmed(ReadState(context: lost, index: LogIndex(1)))
    #expect(reads.takeReadable().isEmpty)
    reads.confirmed(ReadState(context: again, index: LogIndex(1)))
    #expect(reads.takeReadable().count == 1)
  }

  @Test("without a quorum readers are told so")
  func noQuorum() {
    var reads = ReadBarriers(after: 0)
    reads.wait(waiter(), since: now)
    reads.expire(now, noQuorum: true)
    #expect(reads.expired.map(\.1.code) == [.noQuorum])
    #expect(!reads.isWaiting)
  }
}
