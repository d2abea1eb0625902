import Kernel
import Protocol
import Raft
import Synchronization

/// The story of one seed as NDJSON lines: what the simulator did and what Raft went through.
package final class Story: Sendable {
  enum Value {
    case text(String)
    case number(UInt64)
    case numbers([UInt64])
  }

  private struct Lines {
    var text: [String] = []
    var time = 0
  }

  private let lines = Mutex(Lines())

  package init() {}

  /// The lines so far, in the order in which things happened.
  package var all: [String] { lines.withLock { $0.text } }

  func add(_ time: Int, _ event: String, _ fields: KeyValuePairs<String, Value>) {
    var line = "{\"at\":\(time),\"event\":\(event.quotedJSON)"
    for (name, value) in fields {
      line += ",\(name.quotedJSON):"
      switch value {
      case .text(let text): line += text.quotedJSON
      case .number(let number): line += String(number)
      case .numbers(let numbers): line += "[" + numbers.map(String.init).joined(separator: ",") + "]"
      }
    }
    line += "}"
    lines.withLock { $0.text.append(line) }
  }

  /// A line of JSON that somebody else has made, with the time put in front.
  func add(_ time: Int, json: String) {
    lines.withLock { $0.text.append("{\"at\":\(time),\"raft\":\(json)}") }
  }
}
