import NIOCore
import Testing

@testable import Benchmark

@Suite("Fields of a frame, found without reading all of it")
struct FrameFieldsTests {
  private let ack = FrameFields(
    ByteBuffer(string: #"{"type":"ack","id":"7-2","session":"20480","seq":19,"time":1790000000000}"#))

  @Test("texts and numbers are found by name, and a name that is only part of another is not taken for it")
  func found() {
    #expect(ack.text("type") == "ack")
    #expect(ack.text("id") == "7-2")
    #expect(ack.text("session") == "20480")
    #expect(ack.number("seq") == 19)
    #expect(ack.number("time") == 1_790_000_000_000)
    #expect(ack.text("d") == nil)
    #expect(ack.text("body") == nil)
    #expect(ack.text("seq") == nil)
    #expect(ack.number("id") == nil)
  }

  @Test(
    "a frame that ends in the middle of something has nothing in it",
    arguments: ["", "{", #"{"id"#, #"{"id":""#])
  func cut(text: String) {
    #expect(FrameFields(ByteBuffer(string: text)).text("id") == nil)
    #expect(FrameFields(ByteBuffer(string: text)).number("id") == nil)
  }
}

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
