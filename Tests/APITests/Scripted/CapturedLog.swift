import Logging
import Synchronization

/// Keeps the lines of a logger for the test.
struct CapturedLog: LogHandler {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private let lines = Lines()
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    let text = fields.map { "\($0)=\($1)" }.sorted().joined(separator: " ")
    lines.all.withLock { $0.append("\(event.message) \(text)") }
  }

  /// Lines with these words.
  func lines(with words: String) -> [String] { lines.all.withLock { $0.filter { $0.contains(words) } } }

  /// Returns when there is such a line, or when there is none for long.
  func awaits(_ words: String) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while lines(with: words).isEmpty, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
  }
}
