internal import Protocol

/// Writes the Prometheus text exposition format, version 0.0.4.
struct Exposition {
  enum Kind: String { case counter, gauge, histogram }

  /// What is told of, and how.
  struct Family: Equatable {
    var name: String
    var kind: Kind
    var help: String
  }

  private(set) var text = ""
  /// In the order of the text.
  private(set) var families: [Family] = []

  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    families.append(Family(name: name, kind: kind, help: help))
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func sample(_ name: String, labels: [(String, String)] = [], _ value: Double) {
    text += name
    append(labels)
    text += " \(Self.number(value))\n"
  }

  mutating func sample(_ name: String, labels: [(String, String)] = [], _ value: UInt64) {
    text += name
    append(labels)
    text += " \(value)\n"
  }

  /// A family with one sample.
  mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
    family(name, .counter, help)
    sample(name, value)
  }

  mutating func gauge(_ name: String, _ help: String, _ value: Double) {
    family(name, .gauge, help)
    sample(name, value)
  }

  mutating func gauge(_ name: String, _ help: String, _ value: UInt64) {
    family(name, .gauge, help)
    sample(name, value)
  }

  mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
    family(name, .histogram, help)
    var seen: UInt64 = 0
    for (bound, observations) in zip(Histogram.bounds, histogram.buckets) {
      seen += observations
      sample(name + "_bucket", labels: [("le", Self.number(bound))], seen)
    }
    sample(name + "_bucket", labels: [("le", "+Inf")], histogram.count)
    sample(name + "_sum", histogram.sum)
    sample(name + "_count", histogram.count)
  }

  private mutating func append(_ labels: [(String, String)]) {
    guard !labels.isEmpty else { return }
    text += "{" + labels.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",") + "}"
  }

  private static func escape(_ value: String) -> String {
    var escaped = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(value)
  }
}
