import Desk
import Kernel
import Protocol
import Testing

@testable import Node

@Suite("Typing and reading are told seldom")
struct EventCoalescerTests {
  private let start = Instant(nanoseconds: 1_000_000_000)
  private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

  private func signal(_ kind: Signal.Kind, session: UInt64 = 5, by person: String = "ben") -> Signal {
    Signal(
      session: SessionID(rawValue: session), person: Person(id: person, role: .customer, name: person),
      kind: kind,
      server: ServerID(1), sink: 0, connection: 1)
  }

  @Test("of many signals of one person the newest passes, in the order in which people began")
  func newest() {
    var coalescer = EventCoalescer()
    coalescer.add(signal(.typing(true)))
    coalescer.add(signal(.read(Sequence(3)), by: "anna"))
    coalescer.add(signal(.typing(false)))
    coalescer.add(signal(.read(Sequence(7)), by: "anna"))
    coalescer.add(signal(.read(Sequence(5)), by: "anna"))
    let passed = coalescer.take(at(0))
    #expect(passed.map(\.kind) == [.typing(false), .read(Sequence(7))])
    #expect(passed.count { $0.isRelayed } == 2)
    #expect(coalescer.isEmpty)
  }

  @Test("what says nothing new does not pass; typing that goes on passes again after two seconds")
  func repeats() {
    var coalescer = EventCoalescer()
    func take(_ kind: Signal.Kind, at milliseconds: Int64) -> Int {
      coalescer.add(signal(kind))
      return coalescer.take(at(milliseconds)).count
    }
    let passed = [
      take(.typing(true), at: 0), take(.typing(true), at: 500), take(.typing(true), at: 2_100),
      take(.typing(false), at: 2_200), take(.typing(false), at: 9_000), take(.read(Sequence(4)), at: 9_100),
      take(.read(Sequence(4)), at: 9_200), take(.read(Sequence(2)), at: 9_300),
      take(.read(Sequence(6)), at: 9_400),
    ]
    #expect(passed == [1, 0, 1, 1, 0, 1, 0, 0, 1])
  }

  @Test("no more than the limit waits")
  func bounded() {
    var coalescer = EventCoalescer()
    for session in 0..<UInt64(EventCoalescer.limit + 50) {
      coalescer.add(signal(.typing(true), session: session + 1))
    }
    #expect(coalescer.take(at(0)).count == EventCoalescer.limit)
  }
}
