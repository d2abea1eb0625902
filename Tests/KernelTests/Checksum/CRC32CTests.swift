import Kernel
import Testing

@Suite("CRC32C")
struct CRC32CTests {
  @Test("the known checksums of RFC 3720 come out")
  func knownVectors() {
    #expect(CRC32C.checksum([]) == 0)
    #expect(CRC32C.checksum([UInt8]("123456789".utf8)) == 0xe306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46dd_794e)
    #expect(CRC32C.checksum([UInt8]((0..<32).reversed())) == 0x113f_db5c)
  }

  @Test("every length gives what the bit-by-bit definition gives")
  func everyLength() {
    var random = SplitMix(seed: 7)
    for count in 0...200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(CRC32C.checksum(bytes) == bitByBit(bytes), "\(count) bytes")
    }
  }

  @Test("a checksum can be continued at any place")
  func continuing() {
    var random = SplitMix(seed: 8)
    let bytes = (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
    for cut in 0...100 {
      let first = CRC32C.checksum(bytes[..<cut])
      #expect(CRC32C.checksum(bytes[cut...], continuing: first) == CRC32C.checksum(bytes))
    }
  }

  private func bitByBit(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
      for bit in 0..<8 {
        let mix = (crc ^ UInt32(byte >> UInt8(bit))) & 1
        crc = (crc >> 1) ^ (mix == 1 ? 0x82f6_3b78 : 0)
      }
    }
    return ~crc
  }
}
