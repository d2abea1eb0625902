import Foundation
import Kernel
package import Logging
import Protocol
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a line of the log looks.
package enum LogForm: String, Sendable, CaseIterable {
  /// For people: `2026-11-28T12:29:13.123Z notice switchboard: node=node1 [Server] ready for clients`.
  case text
  /// `key=value` pairs, those with spaces in quotation marks.
  case logfmt
  /// One object for each line.
  case json
}

/// How much is logged by the whole process: it can be changed while it runs.
package final class LogThreshold: Sendable {
  private let place: Atomic<Int>
  package init(_ level: Logger.Level) { place = Atomic(Self.place(of: level)) }

  package var level: Logger.Level {
    get { Logger.Level.allCases[place.load(ordering: .relaxed)] }
    set { place.store(Self.place(of: newValue), ordering: .relaxed) }
  }

  private static func place(of level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}

/// Writes each event as one line, at the time at which it happened, to the millisecond.
package struct LineLogHandler: LogHandler {
  private let label: String
  private let form: LogForm
  private let spool: LogSpool
  private let threshold: LogThreshold
  private var ownLevel: Logger.Level?

  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level {
    get { ownLevel ?? threshold.level }
    set { ownLevel = newValue }
  }

  package init(label: String, form: LogForm, spool: LogSpool, threshold: LogThreshold) {
    self.label = label
    self.form = form
    self.spool = spool
    self.threshold = threshold
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let fields = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    spool.write(
      form.line(
        time: LogTime.now(), level: event.level.rawValue, label: label, source: event.source,
        message: "\(event.message)", fields: fields))
  }
}

extension LogForm {
  /// - Parameter fields: in the order in which they are written.
  package func line(
    time: String, level: String, label: String, source: String, message: String, fields: [(String, String)]
  ) -> String {
    switch self {
    case .text:
      let pairs = fields.map { " \($0.0)=\($0.1)" }.joined()
      return "\(time) \(level) \(label):\(pairs) [\(source)] \(message)\n"
    case .logfmt:
      let pairs =
        [("time", time), ("level", level), ("source", source), ("msg", message)] + Self.distinct(fields)
      return pairs.map { "\(Self.key($0.0))=\(Self.quotedIfNeeded($0.1))" }.joined(separator: " ") + "\n"
    case .json:
      let pairs =
        [("time", time), ("level", level), ("source", source), ("msg", message)] + Self.distinct(fields)
      return "{" + pairs.map { "\($0.0.quotedJSON):\($0.1.quotedJSON)" }.joined(separator: ",") + "}\n"
    }
  }

  /// A field whose name is taken gets another one: an object has each name once.
  private static func distinct(_ fields: [(String, String)]) -> [(String, String)] {
    fields.map { (["time", "level", "source", "msg"].contains($0.0) ? $0.0 + "_" : $0.0, $0.1) }
  }

  private static func key(_ text: String) -> String {
    String(text.map { $0 == " " || $0 == "=" || $0 == "\"" ? "_" : $0 })
  }

  private static func quotedIfNeeded(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
    return isPlain ? text : text.quotedJSON
  }
}

/// RFC 3339 with milliseconds, in UTC.
enum LogTime {
  static func now() -> String {
    let milliseconds = Int(Date().timeIntervalSince1970 * 1_000)
    return text(seconds: milliseconds / 1_000, milliseconds: milliseconds % 1_000)
  }

  static func text(seconds: Int, milliseconds: Int) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let day = [
      digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2), digits(Int(parts.tm_mday), 2),
    ]
    let clock = [digits(Int(parts.tm_hour), 2), digits(Int(parts.tm_min), 2), digits(Int(parts.tm_sec), 2)]
    return day.joined(separator: "-") + "T" + clock.joined(separator: ":") + ".\(digits(milliseconds, 3))Z"
  }
}
