import Testing

@testable import Protocol

struct EventStreamTests {
  @Test("events are found whatever the pieces are in which they come", arguments: 1...40)
  func pieces(size: Int) {
    let text = Array(": \n\nid: a-1\nevent: leader\ndata: {\"x\":1}\n\nevent: end\ndata: {}\n\nid: a".utf8)
    var stream = EventStream()
    var events: [EventStream.Event] = []
    for start in stride(from: 0, to: text.count, by: size) {
      events += stream.append(text[start..<min(text.count, start + size)])
    }
    #expect(events == [.init(id: "a-1", name: "leader", data: #"{"x":1}"#), .init(name: "end", data: "{}")])
  }

  @Test("a line without an end takes no more memory than the longest one")
  func overlong() {
    var stream = EventStream()
    let events = stream.append(repeatElement(0x61, count: EventStream.longestLine + 1))
    #expect(events.isEmpty && stream.isOverlong)
  }
}
