package import Logging
internal import Synchronization

/// Keeps the lines of a logger for the test.
package struct CapturedLog: LogHandler {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private let lines = Lines()
  package var metadata: Logger.Metadata = [:]
  package var logLevel = Logger.Level.info

  package init() {}

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    let text = fields.map { "\($0)=\($1)" }.sorted().joined(separator: " ")
    lines.all.withLock { $0.append("\(event.message) \(text)") }
  }

  /// Lines with these words.
  package func lines(with words: String) -> [String] {
    lines.all.withLock { $0.filter { $0.contains(words) } }
  }

  package func contains(_ words: String) -> Bool { !lines(with: words).isEmpty }

  /// How many lines have these words.
  package func count(_ words: String) -> Int { lines(with: words).count }

  /// Returns when there is such a line, or when there is none for long.
  package func awaits(_ words: String) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !contains(words), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
  }
}
