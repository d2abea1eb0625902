import NIOCore

/// Fields of a server's frame, found without building anything: the load must cost less than what it loads. It relies
/// on how this server writes: no white space, and what the crowd itself said has no quotes in it.
struct FrameFields {
  private let bytes: [UInt8]

  init(_ frame: ByteBuffer) { bytes = Array(frame.readableBytesView) }

  /// The text of a member whose value is a plain string.
  func text(_ name: StaticString) -> String? {
    guard var place = value(name), place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
    place += 1
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
    return String(decoding: bytes[place..<end], as: UTF8.self)
  }

  func number(_ name: StaticString) -> UInt64? {
    guard let place = value(name) else { return nil }
    var number: UInt64?
    for byte in bytes[place...].prefix(19) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { break }
      number = (number ?? 0) * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    return number
  }

  /// Where the value of the first member of this name begins.
  private func value(_ name: StaticString) -> Int? {
    let count = name.utf8CodeUnitCount
    return bytes.withUnsafeBufferPointer { bytes -> Int? in
      var place = 0
      let last = bytes.count - count - 3
      while place <= last {
        if bytes[place] == UInt8(ascii: "\""), bytes[place + count + 1] == UInt8(ascii: "\""),
          bytes[place + count + 2] == UInt8(ascii: ":"),
          (0..<count).allSatisfy({ bytes[place + 1 + $0] == name.utf8Start[$0] })
        {
          return place + count + 3
        }
        place += 1
      }
      return nil
    }
  }
}
