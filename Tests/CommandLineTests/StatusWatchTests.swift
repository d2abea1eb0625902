import ArgumentParser
import Foundation
import Testing

@testable import switchboard

struct StatusWatchTests {
  @Test("a page is drawn over the one before, and a document is one line")
  func pages() {
    var page = WatchedPage()
    #expect(page.next("a\nb") == "\u{1B}[2J\u{1B}[Ha\u{1B}[K\nb\u{1B}[K\n\u{1B}[J")
    #expect(page.next("c") == "\u{1B}[Hc\u{1B}[K\n\u{1B}[J")
    #expect(WatchedPage.line(Data("{\n  \"a\": 1\n}".utf8)) == "{   \"a\": 1 }")
  }

  @Test(
    "looks are not more frequent than is of use",
    arguments: [("200ms", true), ("1h", true), ("199ms", false), ("0s", false), ("x", false)])
  func interval(text: String, isTaken: Bool) {
    let parsed = Result { try ClusterCommand.StatusCommand.parse(["--watch", "--interval", text]) }
    switch parsed {
    case .success: #expect(isTaken)
    case .failure(let error):
      #expect(!isTaken && ClusterCommand.StatusCommand.exitCode(for: error).rawValue == 64)
    }
  }
}
