/// Lines out of the pieces of a pipe.
struct LineSplitter {
  /// Of a longer line only the beginning is kept, to say which one it was.
  static let longest = 1 << 20

  struct Line: Hashable {
    var text: String
    /// How many bytes it has; more than those of `text` when it is too long to be kept.
    var bytes: Int
  }

  private var part: [UInt8] = []
  private var partBytes = 0

  mutating func lines(_ piece: some Sequence<UInt8>) -> [Line] {
    var lines: [Line] = []
    for byte in piece {
      if byte == UInt8(ascii: "\n") {
        lines.append(take())
      } else {
        partBytes += 1
        if part.count < Self.longest { part.append(byte) }
      }
    }
    return lines
  }

  /// What stands behind the last end of a line.
  mutating func rest() -> Line? { partBytes == 0 ? nil : take() }

  private mutating func take() -> Line {
    if part.last == UInt8(ascii: "\r"), part.count == partBytes {
      part.removeLast()
      partBytes -= 1
    }
    let isWhole = part.count == partBytes
    let line = Line(
      text: String(decoding: isWhole ? part : Array(part.prefix(256)), as: UTF8.self), bytes: partBytes)
    part = []
    partBytes = 0
    return line
  }
}
