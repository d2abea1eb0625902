/// CRC32C (Castagnoli) bit by bit. Raft makes a few entries of its own, configurations, whose bytes go to every
/// disk with their checksum like all others; they are too rare for a table.
func checksum(of bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = ~0
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
  }
  return ~crc
}
