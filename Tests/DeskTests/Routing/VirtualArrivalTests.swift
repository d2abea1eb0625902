import Kernel
import Testing

@testable import Desk

@Suite("Lines are in the order of virtual arrival")
struct VirtualArrivalTests {
  @Test("a step of priority is worth five minutes, and no more: nobody is overtaken for ever")
  func credit() {
    var desk = Desk.newest
    let plain = desk.open("plain")
    desk.time += 299_999
    let urgent = desk.open("urgent", priority: 1)
    #expect(desk.state.main.queue(of: "") == [urgent, plain])
    desk.time += 2
    let late = desk.open("late", priority: 1)
    #expect(desk.state.main.queue(of: "") == [urgent, plain, late])
    desk.time += 300_000
    let low = desk.open("low", priority: -1)
    let next = desk.open("next")
    #expect(desk.state.main.queue(of: "") == [urgent, plain, late, next, low])
    #expect(desk.state.position(of: low)?.position == 5)
    desk.agent("bob")
    #expect(desk.agents(of: low) == ["bob"])
  }

  @Test("a policy says what a step is worth, for those who come from then on")
  func ofPolicy() {
    var desk = Desk.newest
    let first = desk.open("a", priority: 0)
    desk.policy(Policy(algorithm: .leastConnections, priorityCredit: 1_000))
    desk.time += 2_000
    let second = desk.open("b", priority: 1)
    let third = desk.open("c", priority: 3)
    #expect(desk.state.main.queue(of: "") == [third, first, second])
  }

  @Test("whoever waits again has the place of before")
  func again() {
    var desk = Desk.newest
    desk.status("bob", capacity: 1)
    let served = desk.open("a")
    desk.time += 1_000
    let waiting = desk.open("b")
    desk.status("bob", .offline, grace: 10)
    desk.pass(20)
    #expect(desk.state.main.queue(of: "") == [served, waiting])
  }

  @Test("neither the highest priorities nor the latest times wrap around")
  func extremes() {
    typealias Arrival = VirtualArrival
    #expect(Arrival.of(openedAt: 5, priority: 0, credit: .max) == 5)
    let highest = Arrival.of(openedAt: 0, priority: .max, credit: 1_000_000_000)
    let lowest = Arrival.of(openedAt: .max, priority: .min, credit: 1_000_000_000)
    #expect(highest < 0 && lowest == .max)
    #expect(Arrival.of(openedAt: .max, priority: 1, credit: 1) < .max)
  }
}
