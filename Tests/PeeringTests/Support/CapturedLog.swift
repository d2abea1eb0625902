import Logging
import NIOConcurrencyHelpers

/// Keeps the lines of a logger for the test.
struct CapturedLog: LogHandler {
  private let lines = NIOLockedValueBox<[String]>([])
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    let text = fields.map { "\($0)=\($1)" }.sorted().joined(separator: " ")
    lines.withLockedValue { $0.append("\(event.message) \(text)") }
  }

  func contains(_ words: String) -> Bool {
    lines.withLockedValue { $0.contains { $0.contains(words) } }
  }

  /// How many lines have these words.
  func count(_ words: String) -> Int {
    lines.withLockedValue { lines in lines.count { $0.contains(words) } }
  }
}
