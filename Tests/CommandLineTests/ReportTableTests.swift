import ArgumentParser
import Desk
import Foundation
import Testing

@testable import switchboard

@Suite("A report as the command shows it")
struct ReportTableTests {
  private func page(_ rows: String, place: String = "") throws -> ConversationReport {
    try ReportCommand.page(Data(#"{"rows":[\#(rows)]\#(place)}"#.utf8))
  }

  private func row(_ key: String, more: String = "") -> String {
    let counts = ["conversations", "abandoned", "messages", "customer_messages", "staff_messages", "transfers"]
    return #"{"key":"\#(key)",\#(counts.map { "\"\($0)\":7" }.joined(separator: ",")),"releases":0,"#
      + #""ratings":3,"rating_sum":13\#(more)}"#
  }

  @Test("names stand to the left, numbers to the right, durations in two parts")
  func table() throws {
    let durations = #","wait":{"n":1,"mean_ms":61000,"p50_ms":250,"p90_ms":3661000,"max_ms":1}"#
    let lines = ReportTable(
      try page(row("bob", more: durations) + "," + row("") + "," + row("x", more: #","other":true"#)).rows,
      by: .agent
    ).lines
    #expect(lines.count == 4 && lines[1].hasPrefix("bob       ") && lines[2].hasPrefix("(nobody)  "))
    #expect(lines[3].hasPrefix("(others)"))
    #expect(lines[1].contains("250ms") && lines[1].contains("1h 1m") && lines[1].hasSuffix("4.33"))
    #expect(Set(lines.dropFirst().map(\.count)).count == 1)
    #expect(ReportTable([], by: .day).lines == ["no conversations"])
  }

  @Test(
    "a duration has its two largest parts",
    arguments: [
      (nil, "-"), (0, "0ms"), (999, "999ms"), (1_000, "1s"), (59_600, "1m"), (3_600_000, "1h"),
      (90_061_000, "1d 1h"), (86_405_000, "1d"),
    ] as [(UInt64?, String)])
  func durations(_ milliseconds: UInt64?, _ words: String) {
    #expect(ReportTable.words(milliseconds) == words)
  }

  @Test("CSV quotes what has to be, and no name becomes a formula")
  func csv() throws {
    let names = [#"=1+1"#, #"a,b"#, #"say \"hi\""#]
    let csv = ReportTable(try page(names.map { row($0) }.joined(separator: ",")).rows, by: .channel).csv
    let lines = csv.split(separator: "\r\n").map(String.init)
    #expect(lines[0].hasPrefix("channel,other,conversations,abandoned,"))
    #expect(lines[0].hasSuffix("resolution_p90_ms,resolution_max_ms"))
    #expect(lines[1].hasPrefix("'=1+1,false,7,7,7,7,7,7,0,3,13,0,,,,,0,"))
    #expect(lines[2].hasPrefix(#""a,b",false"#) && lines[3].hasPrefix(#""say ""hi""",false"#))
  }

  @Test("asks for days by their dates, page by page, and refuses what is no range")
  func asking() throws {
    let place = try #require(try page(row("a"), place: #","place":"r.1000""#).place)
    let query = ReportConversations(from: 20_758, before: 20_788, by: .agent, limit: 1_000)
    #expect(
      ReportCommand.path(query, after: place)
        == "/v1/reports/conversations?from=2026-11-01&before=2026-12-01&by=agent&limit=1000&after=r.1000")
    let days = ["--from", "2026-11-01", "--before", "2026-12-01"]
    _ = try ReportCommand.parse(days + ["--by", "skill", "--csv"])
    for wrong in [
      ["--from", "2026-11-01"], days + ["--by", "x"], days + ["--csv", "--json"], days + ["--from", "x"],
    ] {
      #expect(throws: (any Error).self, "\(wrong)") { try ReportCommand.parse(wrong) }
    }
    #expect(throws: (any Error).self) {
      try ReportCommand.parse(["--from", "2026-11-02", "--before", "2026-11-02"])
    }
  }
}
