/// The lines of a stream of server-sent events (HTML, section 9.2), as far as nodes write them.
package struct EventStream: Sendable {
  package struct Event: Equatable, Sendable {
    package var id: String?
    package var name = ""
    package var data = ""
  }

  /// No event of a node is longer.
  package static let longestLine = 1 << 20

  private var line: [UInt8] = []
  private var event = Event()
  /// A line was longer than any of a node.
  package private(set) var isOverlong = false

  package init() {}

  package mutating func append(_ bytes: some Sequence<UInt8>) -> [Event] {
    var events: [Event] = []
    for byte in bytes {
      guard byte == 0x0a else {
        if line.count >= Self.longestLine { isOverlong = true } else { line.append(byte) }
        continue
      }
      let text = String(decoding: line, as: UTF8.self)
      line.removeAll(keepingCapacity: true)
      guard text.isEmpty else {
        take(text)
        continue
      }
      if !event.name.isEmpty { events.append(event) }
      event = Event()
    }
    return events
  }

  private mutating func take(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? String(parts[1].first == " " ? parts[1].dropFirst() : parts[1]) : ""
    switch parts[0] {
    case "id": event.id = value
    case "event": event.name = value
    case "data": event.data = value
    default: break
    }
  }
}
