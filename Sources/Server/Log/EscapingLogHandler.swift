package import Logging

/// Writes what came from outside so that it stays what it is: a line of the log is one line, and no name of a peer, a
/// client or a file makes another one or paints the terminal. Everything that is logged passes here, whoever logs it.
package struct EscapingLogHandler<Base: LogHandler>: LogHandler {
  private var base: Base

  package init(_ base: Base) { self.base = base }

  package var logLevel: Logger.Level {
    get { base.logLevel }
    set { base.logLevel = newValue }
  }
  package var metadata: Logger.Metadata {
    get { base.metadata }
    set { base.metadata = newValue.mapValues(LogText.escape) }
  }
  package var metadataProvider: Logger.MetadataProvider? {
    get { base.metadataProvider }
    set { base.metadataProvider = newValue }
  }
  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { base[metadataKey: key] }
    set { base[metadataKey: key] = newValue.map(LogText.escape) }
  }

  package func log(event: LogEvent) {
    var event = event
    event.message = Logger.Message(stringLiteral: LogText.escape(event.message.description))
    event.metadata = event.metadata?.mapValues(LogText.escape)
    if let error = event.error {
      event.metadata = (event.metadata ?? [:]).merging(["error": .string(LogText.escape("\(error)"))]) { $1 }
      event.error = nil
    }
    base.log(event: event)
  }
}

enum LogText {
  /// Of one text; the rest is cut off.
  static let longest = 4096

  static func escape(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
    switch value {
    case .string(let text): .string(escape(text))
    case .stringConvertible(let value): .string(escape(value.description))
    case .array(let values): .array(values.map(escape))
    case .dictionary(let values): .dictionary(values.mapValues(escape))
    }
  }

  /// Control characters, those that turn the direction of writing or cannot be seen, and what divides lines.
  static func escape(_ text: String) -> String {
    if text.utf8.count <= longest, text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      if escaped.utf8.count >= longest { return escaped + "..." }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        escaped += "\\u{\(String(scalar.value, radix: 16))}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
