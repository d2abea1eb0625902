import Desk
import Foundation
import Protocol
import Testing

@testable import API

@Suite("The metrics page")
struct MetricsTests {
  static func page() -> String {
    var replica = ReplicaFigures()
    replica.isLeader = true
    replica.term = 7
    replica.messagesAcknowledged = UInt64.max
    for seconds in [0.00001, 0.0001, 0.003, 0.003, 100] { replica.ackSeconds.record(seconds: seconds) }
    var gateway = GatewayFigures()
    gateway.connections = 3
    gateway.errors[.busy] = 2
    gateway.closes[.normal] = 4
    gateway.closes[CloseCode(rawValue: 3999)] = 5
    gateway.closes[CloseCode(rawValue: 3998)] = 6
    return MetricsPage(
      node: "a\"b\\c\nd", version: "1", replica: replica, gateway: gateway, process: .read()
    ).render()
  }

  @Test("every line is a comment or a sample of a family announced before it, once")
  func syntax() throws {
    var announced: [String: String] = [:]
    var seen: Set<String> = []
    for line in Self.page().split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("# HELP ") { continue }
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        #expect(announced.updateValue(String(words[3]), forKey: String(words[2])) == nil, "\(line) twice")
        continue
      }
      let match = try #require(
        try
          /([a-z_][a-z0-9_]*)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+)/
          .wholeMatch(in: line), "\(line)")
      #expect(Double(match.3) != nil, "\(line)")
      var family = String(match.1)
      for suffix in ["_bucket", "_sum", "_count"] where family.hasSuffix(suffix) && announced[family] == nil {
        family.removeLast(suffix.count)
      }
      #expect(announced[family] != nil, "\(line) was not announced")
      if announced[family] == "counter" { #expect(family.hasSuffix("_total"), "\(line)") }
      #expect(seen.insert(String(line.prefix { $0 != " " })).inserted || line.contains("\\n"), "\(line) twice")
    }
    #expect(announced.count > 35)
  }

  @Test("a histogram's buckets are cumulative and end in its count")
  func histogram() {
    let lines = Self.page().split(separator: "\n").filter { $0.hasPrefix("switchboard_message_ack_seconds") }
    let buckets = lines.filter { $0.contains("_bucket") }.compactMap { Int($0.split(separator: " ")[1]) }
    #expect(buckets.count == 21)
    #expect(buckets == buckets.sorted())
    #expect(buckets.first == 1)
    #expect(buckets[19] == 4, "100 s is above all bounds")
    #expect(buckets.last == 5)
    #expect(lines.contains("switchboard_message_ack_seconds_count 5"))
    #expect(lines.contains { $0.hasPrefix(#"switchboard_message_ack_seconds_bucket{le="+Inf"} 5"#) })
  }

  @Test("close codes that clients make up share one label")
  func labels() {
    let lines = Self.page().split(separator: "\n").filter {
      $0.hasPrefix("switchboard_connections_closed_total{")
    }
    #expect(
      lines == [
        #"switchboard_connections_closed_total{code="1000"} 4"#,
        #"switchboard_connections_closed_total{code="other"} 11"#,
      ])
  }

  @Test("a whole number keeps all its digits, and label values are escaped")
  func values() {
    let page = Self.page()
    #expect(page.contains("switchboard_messages_acknowledged_total 18446744073709551615\n"))
    #expect(page.contains(#"node="a\"b\\c\nd""#))
  }

  #if os(Linux)
    @Test("the process is measured")
    func process() throws {
      let figures = ProcessFigures.read()
      #expect(try #require(figures.residentBytes) > 1 << 20)
      #expect(try #require(figures.virtualBytes) >= figures.residentBytes ?? 0)
      #expect(try #require(figures.openFiles) >= 3)
      #expect(figures.processorSeconds > 0)
      let age = Date().timeIntervalSince1970 - (try #require(figures.started))
      #expect(age > -2 && age < 86_400)
    }
  #endif

  @Test("the page is served as Prometheus expects it")
  func served() async throws {
    var figures = GatewayFigures()
    figures.connections = 42
    try await TestServer.run(openStatus: true, figures: figures) { server async throws in
      let answer = try await server.get("/metrics")
      #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(answer.body.contains("switchboard_connections 42\n"))
      #expect(answer.body.contains(#"switchboard_build_info{node="node1",version="9.9"} 1"#))
    }
  }
}
