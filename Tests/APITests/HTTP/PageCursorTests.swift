import Kernel
import Testing

@testable import API

@Suite("Where a list goes on")
struct PageCursorTests {
  @Test("any place comes back from its text, which needs no quoting in a query")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 11)
    for length in 1...200 {
      let place = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let text = PageCursor(place, in: "agents").text
      #expect(text.utf8.count <= PageCursor.longest)
      #expect(
        text.utf8.allSatisfy { "-_".utf8.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "z")).contains($0) })
      #expect(try PageCursor(text: text).place(in: "agents") == place)
    }
    #expect(try PageCursor(UInt64.max, in: "x").number(in: "x") == .max)
    #expect(try PageCursor(Array("在線".utf8), in: "x").name(in: "x") == "在線")
  }

  @Test("one that was made up, changed or cut, or is of another list, is refused with words")
  func refusals() throws {
    let cursor = PageCursor(4096, in: "sessions/customer/alice")
    var others = [
      "", "x", "next", "%%%", String(repeating: "A", count: 513), String(repeating: "A", count: 60),
    ]
    for place in cursor.text.indices {
      var changed = cursor.text
      changed.replaceSubrange(place...place, with: changed[place] == "A" ? "B" : "A")
      others += [changed, String(cursor.text[..<place])]
    }
    for other in others {
      #expect(throws: ProblemDetails.self, "\(other)") {
        try PageCursor(text: other).place(in: "sessions/customer/alice")
      }
    }
    for list in ["sessions/customer/bob", "sessions/agent/alice", "messages/4096", "agents"] {
      do throws(ProblemDetails) {
        _ = try cursor.place(in: list)
        Issue.record("a cursor of another list is taken by \(list)")
      } catch {
        #expect(error.status == 400 && error.detail.contains("next") && error.detail.contains("leave it out"))
      }
    }
  }
}
