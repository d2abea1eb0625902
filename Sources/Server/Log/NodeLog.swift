import Foundation
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The log of a process that serves: to standard error, and never in the way of the node.
package struct NodeLog: Sendable {
  package let threshold: LogThreshold
  private let spool: LogSpool

  /// Takes over what all loggers of the process write; once.
  package static func begin(_ configuration: ServerConfiguration) -> NodeLog {
    // Whoever reads may go: a line is lost then, and not the node.
    signal(SIGPIPE, SIG_IGN)
    let form = LogForm(rawValue: configuration.logForm) ?? .text
    let threshold = LogThreshold(Logger.Level(rawValue: configuration.logLevel) ?? .info)
    let spool = LogSpool(descriptor: STDERR_FILENO) { lost in
      form.line(
        time: LogTime.now(), level: "warning", label: "switchboard", source: "Server",
        message: "lines of the log were lost: whoever reads standard error does not keep up",
        fields: [("lost", "\(lost)")])
    }
    LoggingSystem.bootstrap { label in
      EscapingLogHandler(LineLogHandler(label: label, form: form, spool: spool, threshold: threshold))
    }
    return NodeLog(threshold: threshold, spool: spool)
  }

  /// See `LogSpool.lost`.
  package var lost: Int { spool.lost }

  /// Before the process ends: what was said is written, unless nobody reads it.
  package func end() { spool.flush(within: 1) }
}
