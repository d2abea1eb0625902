/// Bytes that go out, written behind one another into memory that is used again and again.
package struct FrameBuffer: Sendable {
  /// All of it is memory to write to; the first `count` bytes were written.
  @usableFromInline var memory: [UInt8]
  /// How many bytes were written.
  package private(set) var count = 0

  package init(capacity: Int = 0) { memory = Array(repeating: 0, count: max(0, capacity)) }

  package var isEmpty: Bool { count == 0 }
  package var capacity: Int { memory.count }

  /// A copy of what was written.
  package var bytes: [UInt8] { Array(memory[..<count]) }

  /// Begins anew in the same memory.
  package mutating func clear() { count = 0 }

  /// Begins anew, without memory.
  package mutating func drop() { self = FrameBuffer() }

  @inlinable
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try memory.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    memory.withUnsafeMutableBytes { memory in
      let room = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
      guard let target = room.baseAddress, room.count >= bytes.count else { return }
      target.copyMemory(from: source, byteCount: bytes.count)
      count += bytes.count
    }
  }

  package mutating func append(_ other: FrameBuffer) {
    other.withUnsafeBytes { append($0) }
  }

  /// - Parameters:
  ///   - expected: how many bytes are probably written; what takes more is written a second time.
  ///   - body: writes the bytes; may be called several times, and writes the same each time.
  package mutating func append(expected: Int, _ body: (inout BoundedWriter) -> Void) {
    var room = max(expected, 64)
    while true {
      reserve(room)
      let written: Int? = memory.withUnsafeMutableBytes { memory in
        guard var writer = BoundedWriter(UnsafeMutableRawBufferPointer(rebasing: memory[count...])) else {
          return nil
        }
        body(&writer)
        return writer.written
      }
      if let written {
        count += written
        return
      }
      room = max(memory.count - count, room) * 2
    }
  }

  private mutating func reserve(_ room: Int) {
    let missing = count + room - memory.count
    guard missing > 0 else { return }
    memory.append(contentsOf: repeatElement(0, count: max(missing, memory.count)))
  }
}
