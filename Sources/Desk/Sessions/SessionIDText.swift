package import Kernel

extension SessionID: CustomStringConvertible {
  /// How clients see a session's id: its number in decimal digits, as text (a number of JavaScript has only 53
  /// bits).
  package var text: String { String(rawValue) }
  package var description: String { text }

  /// - Returns: nil unless `text` is what `text` gives for a session: digits alone, no leading zero, not 0.
  package init?(text: some StringProtocol) {
    var value: UInt64 = 0
    for byte in text.utf8 {
      guard Self.add(byte, to: &value) else { return nil }
    }
    guard value > 0 else { return nil }
    self.init(rawValue: value)
  }

  /// As `init(text:)`, from the bytes of a frame.
  package init?(bytes: UnsafeRawBufferPointer) {
    var value: UInt64 = 0
    for byte in bytes {
      guard Self.add(byte, to: &value) else { return nil }
    }
    guard value > 0 else { return nil }
    self.init(rawValue: value)
  }

  private static func add(_ byte: UInt8, to value: inout UInt64) -> Bool {
    guard byte >= 0x30, byte <= 0x39, value > 0 || byte > 0x30 else { return false }
    let (product, tooBig) = value.multipliedReportingOverflow(by: 10)
    let (sum, overflow) = product.addingReportingOverflow(UInt64(byte - 0x30))
    value = sum
    return !tooBig && !overflow
  }
}

extension SessionID {
  /// Sessions that one log entry can open, at the most.
  package static let placesPerEntry = 4096

  /// The id of the session that an entry opens.
  /// - Parameter place: the submission's place in the entry, from 0. nil when it is 4,096 or more, or when the index
  ///   is 2^42 or more.
  package init?(index: UInt64, place: Int, desk: DeskNumber = .main) {
    guard index < 1 << (52 - UInt64(Self.deskBits)), place >= 0, place < Self.placesPerEntry,
      Int(desk.rawValue) <= DeskNumber.most
    else { return nil }
    self.init(rawValue: UInt64(desk.rawValue) << (64 - UInt64(Self.deskBits)) | index << 12 | UInt64(place))
  }
}

extension BoundedWriter {
  /// A session's id, in quotes: it has more digits than a number of JavaScript.
  package mutating func write(json session: SessionID) {
    write(UInt8(ascii: "\""))
    write(decimal: session.rawValue)
    write(UInt8(ascii: "\""))
  }
}
