/// How people and programs outside write a session's id: "s" and the number in Crockford's base 32, lower case,
/// without leading zeros (https://www.crockford.com/base32.html). One id has one spelling only.
extension SessionID: CustomStringConvertible {
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
  /// The value of each ASCII character as a digit; 255: it is none.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()

  package var description: String {
    var text: [UInt8] = [UInt8(ascii: "s")]
    // Thirteen digits of five bits hold 64 bits.
    var shift = 60
    while shift > 0, rawValue >> UInt64(shift) == 0 { shift -= 5 }
    while shift >= 0 {
      text.append(Self.digits[Int((rawValue >> UInt64(shift)) & 31)])
      shift -= 5
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// nil: not an id in exactly the form that `description` gives.
  package init?(_ text: some StringProtocol) {
    let utf8 = text.utf8
    guard utf8.first == UInt8(ascii: "s") else { return nil }
    var value: UInt64 = 0
    var count = 0
    for byte in utf8.dropFirst() {
      let digit = Self.values[Int(byte)]
      guard digit < 32, value >> 59 == 0 else { return nil }
      if count == 1, value == 0 { return nil }
      value = value << 5 | UInt64(digit)
      count += 1
    }
    guard count > 0 else { return nil }
    self.init(rawValue: value)
  }
}

extension SessionID {
  /// Sessions that one log entry can open, at the most.
  package static let placesPerEntry = 4096

  /// The id of the session that an entry opens.
  /// - Parameter place: the submission's place in the entry, from 0. nil when it is 4,096 or more, or when the index
  ///   is 2^52 or more.
  package init?(index: UInt64, place: Int) {
    guard index < 1 << 52, place >= 0, place < Self.placesPerEntry else { return nil }
    self.init(rawValue: index << 12 | UInt64(place))
  }
}
