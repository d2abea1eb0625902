import Kernel
import Protocol
import Synchronization
import Testing

@testable import Gateway

@Suite("Who may connect")
struct AdmissionTests {
  private final class Clock: Sendable {
    let now = Mutex(Instant(nanoseconds: 1_000_000_000))
  }

  @Test("new connections beyond the rate are refused with a time to wait, and let in when it has passed")
  func rate() throws {
    var limits = GatewayLimits.off
    limits.connectionsPerSecond = 10
    let clock = Clock()
    let admission = Admission(limits: limits) { clock.now.withLock { $0 } }
    for _ in 0..<10 { try admission.enter("a") }
    #expect(admission.refusal(for: "a") == .tooManyAtOnce(limit: 10, retryAfterMilliseconds: 100))
    #expect(throws: Admission.Refusal.tooManyAtOnce(limit: 10, retryAfterMilliseconds: 100)) {
      try admission.enter("b")
    }
    clock.now.withLock { $0 += .milliseconds(100) }
    #expect(admission.refusal(for: "b") == nil, "asking takes nothing")
    #expect(admission.refusal(for: "b") == nil)
    try admission.enter("b")
    #expect(admission.refusal(for: "b") != nil)
  }

  @Test("a rate of 0 is no limit")
  func off() throws {
    let admission = Admission(limits: .off) { .zero }
    for _ in 0..<50_000 { try admission.enter("a") }
    #expect(admission.refusal(for: "a") == nil)
  }
}
