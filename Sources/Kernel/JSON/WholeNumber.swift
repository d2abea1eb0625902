/// A number of JSON that is whole, whatever its spelling: `1000`, `1000.0`, `1e3` and `1.0E+3` are one number
/// (RFC 8259, section 6, knows no integers). Nothing is rounded: what has a fraction, or more than 64 bits, is none.
struct WholeNumber {
  private(set) var isNegative = false
  private(set) var magnitude: UInt64 = 0

  /// - Returns: nil when the value is no number, or not a whole one of 64 bits.
  init?(_ value: JSONValue, in text: UnsafeRawBufferPointer) {
    guard value.kind == .number else { return nil }
    // The reader has checked the spelling.
    let raw = value.raw(in: text)
    var place = 0
    if raw.first == UInt8(ascii: "-") {
      isNegative = true
      place = 1
    }
    // Zeros count when a digit follows them, so that 1.000 and 1000e-3 are as good as 1.
    var zeros = 0
    /// How many digits behind the last one that counts, to the left of the point; negative: to the right of it.
    var shift = 0
    var isBehindPoint = false
    while place < raw.count {
      let byte = raw[place]
      place += 1
      if byte == UInt8(ascii: ".") {
        isBehindPoint = true
        continue
      }
      guard byte >= 0x30, byte <= 0x39 else {
        guard let exponent = Self.exponent(raw, from: place) else { return nil }
        shift += exponent
        break
      }
      if isBehindPoint { shift -= 1 }
      if byte == 0x30 {
        if magnitude > 0 { zeros += 1 }
        continue
      }
      guard raise(by: zeros + 1), add(UInt64(byte - 0x30)) else { return nil }
      zeros = 0
    }
    guard magnitude > 0 else { return }
    guard zeros + shift >= 0, raise(by: zeros + shift) else { return nil }
  }

  private mutating func raise(by digits: Int) -> Bool {
    // Ten to the twentieth has more than 64 bits.
    guard digits < 20 else { return false }
    for _ in 0..<digits {
      let (product, isTooBig) = magnitude.multipliedReportingOverflow(by: 10)
      if isTooBig { return false }
      magnitude = product
    }
    return true
  }

  private mutating func add(_ digit: UInt64) -> Bool {
    let (sum, isTooBig) = magnitude.addingReportingOverflow(digit)
    magnitude = sum
    return !isTooBig
  }

  /// Behind the `e`. What has so many digits is as good as the largest.
  private static func exponent(_ raw: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < raw.count else { return nil }
    let sign = raw[start]
    let hasSign = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
    var value = 0
    for byte in raw[(hasSign ? start + 1 : start)...] { value = min(value * 10 + Int(byte) - 0x30, 1 << 40) }
    return sign == UInt8(ascii: "-") ? -value : value
  }
}
