import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("Reads wait for what was committed before them")
struct ReadBarriersTests {
  private let now = Instant(nanoseconds: 0)

  private func waiter() -> ReadBarriers.Waiter { .call(1) }

  @Test("all readers of a turn share one round, which is read when its index is applied")
  func sharedRound() throws {
    var reads = ReadBarriers(after: 7)
    reads.wait(waiter(), since: now)
    reads.wait(waiter(), since: now)
    let round = reads.nextRound(at: now)
    let context = try #require(round)
    #expect(context > 7)
    let result1 = reads.nextRound(at: now)
    #expect(result1 == nil)
    let result2 = reads.takeReadable(LogIndex(9))
    #expect(result2.isEmpty)
    reads.confirmed(ReadState(context: context, index: LogIndex(5)))
    let result3 = reads.takeReadable(LogIndex(4))
    #expect(result3.isEmpty)
    let result4 = reads.takeReadable(LogIndex(5))
    #expect(result4.count == 2)
    #expect(!reads.isWaiting)
  }

  @Test("a round that nobody answered is asked anew, and its late answer counts for nothing")
  func askedAnew() throws {
    var reads = ReadBarriers(after: 0)
    reads.wait(waiter(), since: now)
    let firstRound = reads.nextRound(at: now)
    let lost = try #require(firstRound)
    reads.expire(
      now + .seconds(1), noQuorum: false, roundPatience: .milliseconds(500), patience: .seconds(5)
    ) { _ in true }
    let secondRound = reads.nextRound(at: now + .seconds(1))
    let again = try #require(secondRound)
    #expect(again != lost)
    reads.confirmed(ReadState(context: lost, index: LogIndex(1)))
    let result5 = reads.takeReadable(LogIndex(9))
    #expect(result5.isEmpty)
    reads.confirmed(ReadState(context: again, index: LogIndex(1)))
    let result6 = reads.takeReadable(LogIndex(9))
    #expect(result6.count == 1)
  }

  @Test("what is known to be committed and does not come ends a read, and not a resume")
  func neverApplied() throws {
    var reads = ReadBarriers(after: 0)
    let connection = ConnectionID(sink: 0, number: 1)
    let resume = ClientRequest(
      connection: connection, tag: 1, person: Person(id: "ben", role: .customer, name: "Ben"),
      desk: .main, body: .resume(SessionID(rawValue: 5), after: .zero))
    reads.wait(waiter(), since: now)
    reads.wait(.client(resume), since: now)
    let round = reads.nextRound(at: now)
    reads.confirmed(ReadState(context: try #require(round), index: LogIndex(5)))
    func expire(at seconds: Int64, isPresent: Bool) -> [Failure.Code] {
      reads.expire(
        now + .seconds(seconds), noQuorum: false, roundPatience: .milliseconds(500), patience: .seconds(5)
      ) { _ in isPresent }
      return reads.takeExpired().map(\.1.code)
    }
    #expect(expire(at: 5, isPresent: true) == [])
    #expect(expire(at: 6, isPresent: true) == [.busy])
    let resumed = reads.takeReadable(LogIndex(5))
    #expect(resumed.count == 1)
    #expect(!reads.isWaiting)
    reads.wait(.client(resume), since: now)
    let next = reads.nextRound(at: now)
    reads.confirmed(ReadState(context: try #require(next), index: LogIndex(9)))
    #expect(expire(at: 7, isPresent: true) == [])
    #expect(reads.isWaiting)
    #expect(expire(at: 8, isPresent: false) == [])
    #expect(!reads.isWaiting)
  }

  @Test("without a quorum readers are told so")
  func noQuorum() {
    var reads = ReadBarriers(after: 0)
    reads.wait(waiter(), since: now)
    reads.expire(
      now, noQuorum: true, roundPatience: .milliseconds(500), patience: .seconds(5)
    ) { _ in true }
    let expired = reads.takeExpired()
    #expect(expired.map(\.1.code) == [.noQuorum])
    #expect(!reads.isWaiting)
  }

  @Test("who resumes waits for a quorum for as long as the connection is there: nobody would ask again")
  func resumesWait() {
    var reads = ReadBarriers(after: 0)
    let connection = ConnectionID(sink: 0, number: 1)
    let request = ClientRequest(
      connection: connection, tag: 1, person: Person(id: "ben", role: .customer, name: "Ben"),
      desk: .main, body: .resume(SessionID(rawValue: 5), after: .zero))
    reads.wait(.client(request), since: now)
    reads.expire(
      now + .seconds(60), noQuorum: true, roundPatience: .milliseconds(500), patience: .seconds(5)
    ) { $0 == connection }
    let early = reads.takeExpired()
    #expect(early.isEmpty)
    #expect(reads.isWaiting)
    reads.expire(
      now + .seconds(61), noQuorum: true, roundPatience: .milliseconds(500), patience: .seconds(5)
    ) { _ in false }
    let late = reads.takeExpired()
    #expect(late.isEmpty)
    #expect(!reads.isWaiting)
  }

  @Test("when the node stops, all who wait are given up, whatever they wait for")
  func stopping() {
    var reads = ReadBarriers(after: 0)
    reads.wait(waiter(), since: now)
    _ = reads.nextRound(at: now)
    reads.wait(waiter(), since: now)
    let all = reads.takeAll()
    #expect(all.count == 2)
    #expect(!reads.isWaiting)
  }
}
