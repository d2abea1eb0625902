/// Numbers with units, as people write them.
package enum Quantity {
  private static let byteUnits: [(String, Int)] = [
    ("gib", 1 << 30), ("mib", 1 << 20), ("kib", 1 << 10), ("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10),
    ("b", 1),
  ]
  private static let timeUnits: [(String, Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]

  /// - Returns: nil for what is no size.
  package static func bytes(_ text: String) -> Int? { parse(text, byteUnits) }

  /// - Returns: nil for what is no duration.
  package static func milliseconds(_ text: String) -> Int? { parse(text, timeUnits) }

  private static func parse(_ text: String, _ units: [(String, Int)]) -> Int? {
    let text = text.lowercased().filter { $0 != " " }
    if let plain = integer(text) { return plain }
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let number = integer(String(text.dropLast(unit.count))) else { continue }
      let (product, overflow) = number.multipliedReportingOverflow(by: factor)
      return overflow ? nil : product
    }
    return nil
  }

  /// Digits alone: neither a sign nor a fraction.
  package static func integer(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int(text)
  }

  package static func bytesText(_ bytes: Int) -> String {
    for (unit, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    where bytes >= factor && bytes % factor == 0 {
      return "\(bytes / factor) \(unit)"
    }
    return "\(bytes)"
  }
}
