/// Writes to a piece of memory and never beyond it, in release too: what does not fit is left out, and `written` says
/// so. So nobody has to reckon a size before, and nobody can reckon it wrong.
package struct BoundedWriter {
  @usableFromInline let start: UnsafeMutablePointer<UInt8>
  @usableFromInline let end: UnsafeMutablePointer<UInt8>
  @usableFromInline var position: UnsafeMutablePointer<UInt8>
  @usableFromInline var lacksRoom = false

  /// - Parameter memory: not empty, and there as long as this is used.
  @inlinable
  init?(_ memory: UnsafeMutableRawBufferPointer) {
    guard let base = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
    start = base
    position = base
    end = base + memory.count
  }

  /// How many bytes were written; nil: there was not room for all.
  @inlinable
  package var written: Int? { lacksRoom ? nil : position - start }

  /// The next `count` bytes, to be written at once.
  @inlinable
  mutating func claim(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
    guard count >= 0, count <= end - position else {
      lacksRoom = true
      return nil
    }
    let claimed = position
    position += count
    return claimed
  }

  @inlinable
  package mutating func write(_ byte: UInt8) {
    claim(1)?.pointee = byte
  }

  @inlinable
  package mutating func write(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, let target = claim(bytes.count) else { return }
    UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: bytes.count)
  }

  @inlinable
  package mutating func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { write($0) }
  }

  /// A text of the source code as UTF-8.
  @inlinable
  package mutating func write(literal text: StaticString) {
    write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// All bytes of the integer, the highest first.
  @inlinable
  package mutating func write<Value: FixedWidthInteger & UnsignedInteger>(bigEndian value: Value) {
    withUnsafeBytes(of: value.bigEndian) { write($0) }
  }

  /// In decimal digits.
  @inlinable
  package mutating func write(decimal value: UInt64) {
    var digits = 1
    var power: UInt64 = 10
    while value >= power {
      digits += 1
      let (next, overflow) = power.multipliedReportingOverflow(by: 10)
      if overflow { break }
      power = next
    }
    guard let target = claim(digits) else { return }
    var rest = value
    for place in (0..<digits).reversed() {
      target[place] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  // MARK: What is known only when the rest is written

  /// How many bytes were written so far.
  @inlinable
  package var count: Int { position - start }

  /// Writes over a byte that was written.
  @inlinable
  package mutating func set(_ byte: UInt8, at offset: Int) {
    guard offset >= 0, offset < count else { return }
    start[offset] = byte
  }

  /// Makes `size` bytes at `offset` into `newSize` bytes, whose contents are to be set then; what is behind moves.
  @inlinable
  package mutating func resize(at offset: Int, from size: Int, to newSize: Int) {
    guard !lacksRoom, offset >= 0, size >= 0, newSize >= 0, offset + size <= count else { return }
    let behind = count - offset - size
    if newSize > size {
      guard claim(newSize - size) != nil else { return }
    } else {
      position -= size - newSize
    }
    UnsafeMutableRawPointer(start + offset + newSize).copyMemory(from: start + offset + size, byteCount: behind)
  }
}
