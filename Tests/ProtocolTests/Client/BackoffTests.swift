import Kernel
import Testing

@testable import Protocol

@Suite("when to try again")
struct BackoffTests {
  /// Gives the largest number, so that a full jitter is its whole range.
  struct Largest: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
  }

  @Test("fast tries for each node, then 1, 2, 4 ... 30 s, and fast again after a welcome")
  func growth() {
    var backoff = Backoff(first: .milliseconds(100), fastTries: 2)
    var random = Largest()
    let waits = (0..<9).map { _ in backoff.next(using: &random).inMilliseconds }
    #expect(waits.map { ($0 + 50) / 100 * 100 } == [100, 100, 1000, 2000, 4000, 8000, 16000, 30000, 30000])
    backoff.reset()
    #expect(backoff.next(using: &random).inMilliseconds <= 100)
  }

  @Test("full jitter: waits are spread over the whole range")
  func jitter() {
    var random = Steps(state: 7)
    let waits = (0..<200).map { _ in
      var backoff = Backoff(fastTries: 0)
      return backoff.next(using: &random).inMilliseconds
    }
    #expect(waits.allSatisfy { (0...1000).contains($0) })
    #expect(waits.contains { $0 < 200 } && waits.contains { $0 > 800 })
  }

  @Test("a lost connection moves on to the next node, a goaway to the node it names after its delay")
  func route() {
    var random = Steps(state: 1)
    var route = NodeRoute(urls: ["ws://a:1", "ws://b:2"], backoff: Backoff(), discovers: false)
    route.welcomed(
      by: "n1", nodes: [.init(name: "n1", url: "http://a:1"), .init(name: "n3", url: "http://c:3")])
    _ = route.nextWait(using: &random)
    #expect(route.current == "ws://b:2")
    route.goaway(to: "n1", at: nil, afterMilliseconds: 700)
    #expect(route.nextWait(using: &random) == .milliseconds(700))
    #expect(route.current == "ws://a:1")
    route.goaway(to: "n3", at: nil, afterMilliseconds: 5)
    _ = route.nextWait(using: &random)
    #expect(route.current == "http://c:3")
  }

  @Test("a node that came after the welcome is found by the address in the goaway; what is none is not tried")
  func newcomer() {
    var random = Steps(state: 1)
    var route = NodeRoute(urls: ["ws://a:1", "ws://b:2"], backoff: Backoff(), discovers: false)
    route.welcomed(by: "n1", nodes: [.init(name: "n1", url: "http://a:1")])
    route.goaway(to: "n4", at: "http://d:4", afterMilliseconds: 5)
    #expect(route.nextWait(using: &random) == .milliseconds(5))
    #expect(route.current == "http://d:4")
    route.goaway(to: "n5", at: "ftp://e:5", afterMilliseconds: 5)
    _ = route.nextWait(using: &random)
    #expect(route.current == "ws://a:1")
    route.goaway(to: "n4", at: nil, afterMilliseconds: 5)
    _ = route.nextWait(using: &random)
    #expect(route.current == "http://d:4")
  }

  @Test("nodes that a welcome tells are tried, too, each once")
  func discovery() {
    var random = Steps(state: 1)
    var route = NodeRoute(urls: ["ws://a:1"], backoff: Backoff(), discovers: true)
    for _ in 0..<3 {
      route.welcomed(
        by: "n1",
        nodes: [
          .init(name: "n1", url: "http://a:1"), .init(name: "n2", url: "http://b:2"),
          .init(name: "n3", url: nil),
        ])
    }
    #expect(route.urls == ["ws://a:1", "http://b:2"])
    _ = route.nextWait(using: &random)
    #expect(route.current == "http://b:2")
  }
}

extension Duration {
  fileprivate var inMilliseconds: Int { Int(Span(self).milliseconds) }
}
