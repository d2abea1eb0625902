/// Text compared by its bytes of UTF-8. Swift's own `==`, `<` and hash take different spellings of the same characters
/// for the same ("é" as one scalar or as two), by the tables of the Unicode version that a build carries. What decides
/// who somebody is, or what a replicated state does, must not: two names are one name when their bytes are.
extension String {
  @inlinable @inline(__always)
  package func hasSameBytes(as other: String) -> Bool {
    utf8.count == other.utf8.count && withBytes { left in other.withBytes { Self.isEqual(left, $0) } }
  }

  @inlinable @inline(__always)
  package func hasBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    utf8.count == bytes.count && withBytes { Self.isEqual($0, bytes) }
  }

  /// Whether the bytes stand before those of `other`, as `memcmp` orders them and a prefix before what is longer. For
  /// UTF-8 this is the order of the scalars, and for ASCII that of `<`.
  @inlinable
  package func bytesPrecede(_ other: String) -> Bool {
    withBytes { left in other.withBytes { left.lexicographicallyPrecedes($0) } }
  }

  /// With an end that no UTF-8 has, so that the edge between two texts counts.
  @inlinable
  package func hashBytes(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }

  @inlinable @inline(__always)
  package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    return Array(utf8).withUnsafeBufferPointer(body)
  }

  /// Both have the same length. Eight bytes at a time: ids are compared for every message.
  @usableFromInline @inline(__always)
  static func isEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    let left = UnsafeRawBufferPointer(left)
    let right = UnsafeRawBufferPointer(right)
    var place = 0
    while place + 8 <= left.count {
      guard
        left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
          == right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      else { return false }
      place += 8
    }
    while place < left.count {
      guard left[place] == right[place] else { return false }
      place += 1
    }
    return true
  }
}

/// Text as the key of a dictionary, a set or an order: see `String.hasSameBytes`.
package struct TextKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let text: String
  @inlinable package init(_ text: String) { self.text = text }

  @inlinable package static func == (left: TextKey, right: TextKey) -> Bool {
    left.text.hasSameBytes(as: right.text)
  }
  @inlinable package static func < (left: TextKey, right: TextKey) -> Bool {
    left.text.bytesPrecede(right.text)
  }
  @inlinable package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
  package var description: String { text }
}

extension UnsafeRawBufferPointer {
  /// Byte by byte.
  @inlinable @inline(__always)
  package func equals(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for offset in 0..<count where self[offset] != word.utf8Start[offset] { return false }
    return true
  }
}
