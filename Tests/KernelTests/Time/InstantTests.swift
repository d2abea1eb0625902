import Kernel
import Testing

@Suite("Instants and spans")
struct InstantTests {
  @Test("Instants are counted forth and back in spans of every unit")
  func arithmetic() {
    let start = Instant(nanoseconds: 5)
    #expect(start + .nanoseconds(3) == Instant(nanoseconds: 8))
    #expect(start + .microseconds(3) == Instant(nanoseconds: 3_005))
    #expect(start + .milliseconds(3) == Instant(nanoseconds: 3_000_005))
    #expect(start + .seconds(3) - .seconds(3) == start)
    #expect(start + .seconds(3) - start == .milliseconds(3_000))
    #expect(start - (start + .seconds(3)) == .seconds(-3))
    var moved = start
    moved += .milliseconds(10)
    moved -= .milliseconds(4)
    #expect(moved - start == .milliseconds(6))
    #expect(start < moved && moved < .distantFuture)
    #expect(Instant(nanoseconds: 7_999_999).milliseconds == 7)
  }

  @Test("A span is told in whole units, towards zero, and multiplied and divided")
  func units() {
    #expect(Span.nanoseconds(-1_999_999).milliseconds == -1)
    #expect(Span.seconds(3) * 2 == .milliseconds(6_000))
    #expect(Span.seconds(3) / 2 == .milliseconds(1_500))
    #expect(Span.seconds(1) - .seconds(2) < .zero)
  }

  @Test("What is beyond the range stops at its ends instead of trapping")
  func ends() {
    #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
    #expect(Instant.zero - .nanoseconds(1) == .zero)
    #expect(Instant.distantFuture - .zero == .longest)
    #expect(Span.milliseconds(Int64.max) == .longest)
    #expect(Span.seconds(Int64.min) == Span(nanoseconds: .min))
    #expect(Span(nanoseconds: .min) / -1 == .longest)
    #expect(Span(nanoseconds: .min) * -1 == .longest)
    #expect(Span.longest * -2 == Span(nanoseconds: .min))
    #expect(Span.longest - .seconds(-1) == .longest)
    #expect(Span(nanoseconds: .min) - .seconds(1) == Span(nanoseconds: .min))
    #expect(Instant.zero + Span(nanoseconds: .min) == .zero)
    #expect(Instant.zero - Span(nanoseconds: .min) == Instant(nanoseconds: UInt64(Int64.max)))
  }
}
