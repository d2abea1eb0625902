import Testing

@testable import Benchmark

@Suite("Memory over a soak")
struct MemoryCourseTests {
  private func course(_ bytes: (Double) -> [Int]) -> MemoryCourse {
    var course = MemoryCourse()
    for look in 0..<360 {
      let seconds = Double(look) * 5
      course.add(bytes(seconds), at: seconds, settled: seconds >= 300)
    }
    return course
  }

  @Test(
    "that stays and goes up and down does not grow; what grows is told by the hour, the first minutes aside")
  func growth() throws {
    let flat = course { [100_000_000 + (Int($0) % 60) * 100_000, 90_000_000] }
    #expect(abs(try #require(flat.growth)) < 5)
    // Four times as much while it settles, then flat.
    let settling = course { [$0 < 300 ? Int(100_000_000 + $0 * 1_000_000) : 400_000_000] }
    #expect(abs(try #require(settling.growth)) < 1)
    let growing = course { [50_000_000, Int(100_000_000 + $0 * 10_000)] }
    #expect(abs(try #require(growing.growth) - 36) < 1)
    #expect(growing.last.count == 2)
  }

  @Test("of too short a run says nothing, and the report says that")
  func short() {
    var course = MemoryCourse()
    for look in 0..<60 { course.add([1], at: 300 + Double(look), settled: true) }
    #expect(course.growth == nil)
    var report = BenchmarkReport(processors: 1, diskFloorMs: nil)
    course.report(into: &report)
    #expect(report.rows.isEmpty && report.failures.count == 1)
  }
}
