import Desk
import Foundation
import Synchronization
import Testing

@testable import Archive

/// What a test was told, from any thread.
private final class Told: Sendable {
  let events = Mutex<[ArchiveEvent]>([])
  func add(_ event: ArchiveEvent) { events.withLock { $0.append(event) } }
  var durable: [UInt64] {
    events.withLock { $0.compactMap { if case .durable(let index) = $0 { index } else { nil } } }
  }
  var failures: [ArchiveError] {
    events.withLock { $0.compactMap { if case .failed(let error, _) = $0 { error } else { nil } } }
  }
  var findings: [ArchiveFinding] {
    events.withLock { $0.compactMap { if case .found(let finding) = $0 { finding } else { nil } } }
  }

  /// Until it is so; ten seconds at the most.
  func wait(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while !condition(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
    #expect(condition())
  }
}

@Suite("The archive's threads")
struct ArchivistTests {
  private let place = Place()
  private let told = Told()

  private func read<Answer: Sendable>(
    _ archivist: Archivist, _ job: @escaping @Sendable (ArchiveReader) throws(ArchiveError) -> Answer
  ) async -> Result<Answer, ArchiveError>? {
    await withCheckedContinuation { continuation in
      let isTaken = archivist.read(job) { continuation.resume(returning: $0) }
      if !isTaken { continuation.resume(returning: nil) }
    }
  }

  @Test("what is submitted is told to be durable, is read meanwhile, and is there after a close")
  func submitting() async throws {
    let archivist = try Archivist(directory: place.path, events: told.add)
    let talks = (1...50).map { Talk(UInt64($0), ["hello \($0)"]) }
    for (number, talk) in talks.enumerated() {
      #expect(archivist.submit(talk.rows, after: UInt64(number), upTo: UInt64(number + 1)))
    }
    try await told.wait { told.durable.last == 50 }
    #expect(told.durable == told.durable.sorted())
    let last = talks[49]
    let page = await read(archivist) { reader throws(ArchiveError) in
      try reader.page(last.id, .after(.zero), limit: 10)
    }
    #expect(try page?.get().messages == last.messages)
    #expect(archivist.submit([], after: 50, upTo: 60))
    archivist.close()
    #expect(told.durable.last == 60)
    #expect(!archivist.submit([], after: 60, upTo: 61))
    #expect(await read(archivist) { reader throws(ArchiveError) in try reader.figures() } == nil)
    let again = try Archivist(directory: place.path, events: told.add)
    #expect(again.completeIndex == 60)
    again.close()
  }

  @Test("after a failure nothing is claimed before what was not written has come again")
  func failure() async throws {
    let archivist = try Archivist(
      directory: place.path, options: ArchiveWriter.Options(mostPages: 80), events: told.add)
    let large = Talk(8, (0..<64).map { "\($0) " + String(repeating: "x", count: 20_000) })
    #expect(archivist.submit(large.rows, after: 0, upTo: 10))
    try await told.wait { told.failures.count == 1 }
    let small = Talk(9, ["hello"])
    #expect(archivist.submit(small.rows, after: 10, upTo: 11))
    #expect(archivist.submit([], after: 11, upTo: 12))
    let claimed = await withCheckedContinuation { continuation in
      let isTaken = archivist.administer { (writer) throws(ArchiveError) in
        writer.completeIndex
      } then: {
        continuation.resume(returning: try? $0.get())
      }
      if !isTaken { continuation.resume(returning: nil) }
    }
    #expect(claimed == 0)
    #expect(archivist.submit(small.rows, after: 0, upTo: 13))
    #expect(archivist.submit([], after: 13, upTo: 14))
    try await told.wait { told.durable.last == 14 }
    #expect(told.durable.allSatisfy { $0 >= 13 } && told.failures.count == 1)
    archivist.close()
  }

  @Test("what a reader finds damaged is set aside once, is told, and is filled from a whole state")
  func damage() async throws {
    let archivist = try Archivist(directory: place.path, events: told.add)
    let talk = Talk(7, ["gorilla in the mist"])
    #expect(archivist.submit(talk.rows, after: 0, upTo: 5))
    try await told.wait { told.durable == [5] }
    archivist.close()
    try place.flip("2026-11.sqlite", at: "gorilla in")
    let again = try Archivist(directory: place.path, events: told.add)
    for _ in 0..<3 {
      let page = await read(again) { reader throws(ArchiveError) in
        try reader.page(talk.id, .after(.zero), limit: 10)
      }
      if case .failure(let error) = page { #expect(error.kind == .damaged) }
    }
    try await told.wait { !told.failures.isEmpty }
    #expect(again.submit([], after: 5, upTo: 6))
    #expect(again.submit(ArchiveWhole([talk]), then: [], upTo: 7))
    try await told.wait { told.durable == [5, 7] }
    #expect(told.findings.count == 1)
    let page = await read(again) { reader throws(ArchiveError) in
      try reader.page(talk.id, .after(.zero), limit: 10)
    }
    #expect(try page?.get().messages == talk.messages)
    again.close()
  }

  private func mend(_ archivist: Archivist, _ months: MonthsToMend) async throws -> MendedMonth {
    try await withCheckedContinuation { continuation in
      if !archivist.mend(months, then: { continuation.resume(returning: $0) }) {
        continuation.resume(returning: .failure(ArchiveError(.disk, nil, "not taken")))
      }
    }.get()
  }

  @Test("what an operator has looked at is read month by month; what is damaged is set aside before the answer")
  func mending() async throws {
    let talks = [
      Talk(7, ["gorilla in the mist"]), Talk(8, ["okapi"]).changed { $0.openedAt += 40 * 86_400_000 },
    ]
    let archivist = try Archivist(directory: place.path, events: told.add)
    #expect(archivist.submit(talks.flatMap(\.rows), after: 0, upTo: 5))
    try await told.wait { told.durable == [5] }
    let (november, december) = (Month(year: 2026, month: 11), Month(year: 2026, month: 12))
    var found = try await mend(archivist, .next(after: nil))
    #expect(found == MendedMonth(month: november, rows: 2, damage: nil, isWhole: true))
    found = try await mend(archivist, .next(after: november))
    #expect(found == MendedMonth(month: december, rows: 2, damage: nil, isWhole: true))
    found = try await mend(archivist, .next(after: december))
    #expect(found == MendedMonth(month: nil, rows: 0, damage: nil, isWhole: true))
    for name in place.names where name.hasPrefix("2026-11.sqlite") { try place.flip(name, at: "gorilla in") }
    found = try await mend(archivist, .only(november))
    #expect(found.damage?.contains("are not what was written") == true && !found.isWhole && found.rows == 0)
    #expect(told.findings.count == 1 && told.failures.count == 1)
    #expect(place.names.contains(".damaged-1-2026-11.sqlite"))
    #expect(archivist.submit(ArchiveWhole(talks), then: [], upTo: 7))
    try await told.wait { told.durable == [5, 7] }
    found = try await mend(archivist, .only(november))
    #expect(found == MendedMonth(month: november, rows: 2, damage: nil, isWhole: true))
    archivist.close()
    #expect(!archivist.mend(.next(after: nil)) { _ in })
  }

  @Test("a close ends what is looked at, and whoever waits is answered")
  func closingWhileMending() async throws {
    let archivist = try Archivist(directory: place.path, events: told.add)
    #expect(archivist.submit(Talk(7, ["hello"]).rows, after: 0, upTo: 5))
    let answered = Mutex(0)
    var taken = 0
    for _ in 0..<10 where archivist.mend(.next(after: nil), then: { _ in answered.withLock { $0 += 1 } }) {
      taken += 1
    }
    #expect(taken >= 1)
    archivist.close()
    #expect(answered.withLock { $0 } == taken)
  }

  @Test("a close does not wait for the end of a whole state, and claims nothing of it")
  func closingWhileFilling() async throws {
    let archivist = try Archivist(directory: place.path, events: told.add)
    let talk = Talk(7, ["hello"])
    let begun = Mutex(false)
    // It would never come to an end.
    let endless = ArchiveWhole(desks: [.main]) { take in
      while true {
        for row in talk.rows { try take(row) }
        begun.withLock { $0 = true }
      }
    }
    #expect(archivist.submit(endless, then: [], upTo: 5))
    try await told.wait { begun.withLock { $0 } }
    archivist.close()
    #expect(told.durable.isEmpty && told.failures.map(\.kind) == [.needsWhole])
    let again = try Archivist(directory: place.path, events: told.add)
    #expect(again.completeIndex == 0)
    again.close()
  }

  @Test("more than the bound is not taken while it waits, and is taken afterwards")
  func bound() {
    let queue = JobQueue<Int>(most: 10)
    #expect(queue.put(1, weight: 100))
    #expect(!queue.put(2, weight: 1))
    #expect(queue.take() == [1])
    #expect(!queue.put(2, weight: 1))
    queue.done(100)
    #expect(queue.put(3, weight: 5) && queue.put(4, weight: 5) && !queue.put(5, weight: 1))
    queue.close()
    #expect(!queue.put(6, weight: 0))
    #expect(queue.take() == [3, 4])
    #expect(queue.take() == nil)
  }

  @Test("jobs are held back until they weigh enough, one comes that weighs nothing, or the queue is closed")
  func gathering() {
    let queue = JobQueue<Int>(
      most: 100, gathering: JobQueue.Gathering(enough: 10, milliseconds: 86_400_000))
    #expect(queue.put(1, weight: 4) && queue.put(2, weight: 5))
    #expect(queue.take(waits: false) == [])
    #expect(queue.put(3, weight: 1))
    #expect(queue.take(waits: false) == [1, 2, 3])
    #expect(queue.put(4, weight: 9) && queue.put(5, weight: 0))
    #expect(queue.take(waits: false) == [4, 5])
    // What was given counts for nothing.
    #expect(queue.put(6, weight: 9))
    #expect(queue.take(waits: false) == [])
    queue.close()
    #expect(queue.take() == [6])
    #expect(queue.take() == nil)
  }

  @Test("jobs are held back no longer than was said, whether somebody waits for them or looks now and then")
  func gatheringEnds() async throws {
    let queue = JobQueue<Int>(most: 100, gathering: JobQueue.Gathering(enough: 10, milliseconds: 30))
    #expect(queue.put(1, weight: 4))
    #expect(queue.take() == [1])
    #expect(queue.put(2, weight: 4))
    var given: [Int] = []
    try await told.wait {
      given += queue.take(waits: false) ?? []
      return given == [2]
    }
  }
}
