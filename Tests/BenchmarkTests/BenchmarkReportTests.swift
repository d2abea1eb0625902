import Testing

@testable import Benchmark

@Suite("Figures for people")
struct BenchmarkReportTests {
  @Test("percentiles are those of the times that were taken")
  func percentiles() {
    var latencies = Latencies()
    for time in (1...100).reversed() { latencies.add(Int64(time) * 1_000_000) }
    #expect(latencies.percentile(50) == 50)
    #expect(latencies.percentile(99) == 99)
    #expect(latencies.percentile(100) == 100)
    #expect(Latencies().percentile(50) == nil)
  }

  @Test("a row has its figure, its multiple of the floor and its details; what failed is named")
  func rows() {
    var report = BenchmarkReport(processors: 2, diskFloorMs: 0.25)
    report.rows = [
      BenchmarkReport.Row(
        name: "one", value: 0.5, unit: "ms", isLessBetter: true, details: ["p99_ms": 12.34], ratio: 2),
      BenchmarkReport.Row(name: "many", value: 36_930.4, unit: "/s", isLessBetter: false, details: [:]),
    ]
    report.failures = ["back: nobody came"]
    let text = report.text()
    #expect(text.contains("one   0.500  ms     2.00  p99_ms 12.3"))
    #expect(text.contains("many  36930  /s"))
    #expect(text.contains("2 processors"))
    #expect(text.contains("Not measured: back: nobody came"))
  }
}
