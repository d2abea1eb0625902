import Kernel

/// Where a list goes on. To clients it is text that means nothing; any node reads it. It is bound to its list, so that one of
/// another list, session or person is told as such, and is never a place in something else. It gives no right to anything.
struct PageCursor: Sendable {
  static let parameter = "cursor"
  /// Characters; an agent's id, the longest of places, needs fewer.
  static let longest = 512
  /// Of the form of places.
  private static let version: UInt8 = 1

  let text: String

  init(text: String) { self.text = text }

  /// - Parameters:
  ///   - place: of the last element that was given out.
  ///   - list: its name, with all that makes it another one.
  init(_ place: [UInt8], in list: String) {
    let bytes = [Self.version] + place
    text = Base64URL.encode(Self.checksum(bytes, list) + bytes)
  }

  /// - Throws: 400 when it is no cursor of that list.
  func place(in list: String) throws(ProblemDetails) -> [UInt8] {
    guard text.utf8.count <= Self.longest, let bytes = Base64URL.decode(text.utf8), bytes.count > 5,
      bytes[4] == Self.version, Array(bytes[..<4]) == Self.checksum(Array(bytes[4...]), list)
    else {
      throw Self.foreign
    }
    return Array(bytes[5...])
  }

  static var foreign: ProblemDetails {
    .badRequest(
      "The parameter \"\(parameter)\" is no place in this list: give \"next\" of its page before, as it was, or "
        + "leave it out to begin anew.")
  }

  private static func checksum(_ bytes: [UInt8], _ list: String) -> [UInt8] {
    let sum = CRC32C.checksum(Array(list.utf8), continuing: CRC32C.checksum(bytes))
    return (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32($0))) }
  }
}

extension PageCursor {
  init(_ number: UInt64, in list: String) {
    self.init((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }, in: list)
  }

  func number(in list: String) throws(ProblemDetails) -> UInt64 {
    try place(in: list).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  func name(in list: String) throws(ProblemDetails) -> String {
    String(decoding: try place(in: list), as: UTF8.self)
  }
}
