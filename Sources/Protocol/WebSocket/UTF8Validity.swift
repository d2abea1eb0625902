/// Whether bytes are well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no surrogate, nothing above
/// U+10FFFF. Runs of ASCII are taken eight bytes at a time.
package func isValidUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
  var position = 0
  let end = bytes.count
  while position < end {
    if position + 8 <= end,
      bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
    {
      position += 8
      continue
    }
    let first = bytes[position]
    if first < 0x80 {
      position += 1
      continue
    }
    // How many bytes follow, and between which values the first of these lies.
    let following: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xbf
    switch first {
    case 0xc2...0xdf: following = 1
    case 0xe0: (following, low) = (2, 0xa0)
    case 0xed: (following, high) = (2, 0x9f)
    case 0xe1...0xef: following = 2
    case 0xf0: (following, low) = (3, 0x90)
    case 0xf4: (following, high) = (3, 0x8f)
    case 0xf1...0xf3: following = 3
    default: return false
    }
    guard position + following < end else { return false }
    guard bytes[position + 1] >= low, bytes[position + 1] <= high else { return false }
    if following >= 2, bytes[position + 2] & 0xc0 != 0x80 { return false }
    if following == 3, bytes[position + 3] & 0xc0 != 0x80 { return false }
    position += following + 1
  }
  return true
}
