import Kernel
import Testing

@Suite("Bytes of the codecs")
struct ByteCodingTests {
  @Test("integers are written big endian and lengths as varints")
  func golden() {
    var writer = ByteWriter(reservingCapacity: 8)
    writer.write(UInt8(0x01))
    writer.write(UInt16(0x0203))
    writer.write(UInt32(0x0405_0607))
    writer.write(UInt64(0x0809_0A0B_0C0D_0E0F))
    writer.write(Int32(-2))
    writer.writeVarint(300)
    writer.write(bytes: [9, 8])
    writer.write(string: "é")
    writer.write(raw: [7])
    #expect(
      writer.bytes == [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xFF, 0xFF, 0xFF, 0xFE, 0xAC, 0x02, 2, 9, 8, 2, 0xC3,
        0xA9, 7,
      ])
  }

  @Test("what was written is read back, from any offset")
  func roundTrip() throws {
    var writer = ByteWriter()
    writer.write(raw: [99, 99])
    writer.write(UInt8.max)
    writer.write(UInt16.max - 1)
    writer.write(UInt32.max - 2)
    writer.write(UInt64.max - 3)
    writer.write(Int32.min)
    writer.write(bytes: [1, 2, 3])
    writer.write(string: "价格 🙂")
    writer.write(raw: [5, 6])
    var reader = ByteReader(writer.bytes, from: 2)
    #expect(try reader.readUInt8() == .max)
    #expect(try reader.readUInt16() == .max - 1)
    #expect(try reader.readUInt32() == .max - 2)
    #expect(try reader.readUInt64() == .max - 3)
    #expect(try reader.readInt32() == .min)
    #expect(try reader.readBytes(limit: 3) == [1, 2, 3])
    #expect(try reader.readString(limit: 11) == "价格 🙂")
    #expect(reader.remaining == 2 && !reader.isAtEnd)
    #expect(try reader.readRaw(count: 2) == [5, 6])
    #expect(reader.isAtEnd && reader.offset == writer.bytes.count)
  }

  @Test(
    "a varint comes back at every size",
    arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), 1 << 62, 1 << 63, .max])
  func varints(value: UInt64) throws {
    var writer = ByteWriter()
    writer.writeVarint(value)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readVarint() == value)
    #expect(reader.isAtEnd)
    for cut in 0..<writer.bytes.count {
      var short = ByteReader(Array(writer.bytes[..<cut]))
      #expect(throws: DecodingFailure.truncated) { try short.readVarint() }
    }
  }

  @Test("a varint has one form only")
  func varintForms() {
    for bytes: [UInt8] in [[0x80, 0x00], [0xFF, 0x80, 0x00]] {
      var reader = ByteReader(bytes)
      #expect(throws: DecodingFailure.invalid("a varint is longer than it need be")) { try reader.readVarint() }
    }
    for last: UInt8 in [0x02, 0x7F, 0x81] {
      var reader = ByteReader([UInt8](repeating: 0xFF, count: 9) + [last, 0])
      #expect(throws: DecodingFailure.invalid("a varint is above 64 bits")) { try reader.readVarint() }
    }
  }

  @Test("a length is checked against its limit and against the bytes before memory is taken")
  func limits() {
    var writer = ByteWriter()
    writer.writeVarint(UInt64.max)
    let bytes = writer.bytes
    #expect(throws: DecodingFailure.tooLarge(limit: 10)) {
      var reader = ByteReader(bytes)
      _ = try reader.readBytes(limit: 10)
    }
    #expect(throws: DecodingFailure.tooLarge(limit: .max)) {
      var reader = ByteReader(bytes)
      _ = try reader.readString(limit: .max)
    }
    #expect(throws: DecodingFailure.tooLarge(limit: .max)) {
      var reader = ByteReader(bytes)
      _ = try reader.readCount(limit: .max, minimumElementSize: 1)
    }
    #expect(throws: DecodingFailure.tooLarge(limit: -1)) {
      var reader = ByteReader([1, 1])
      _ = try reader.readBytes(limit: -1)
    }
    #expect(throws: DecodingFailure.truncated) {
      var reader = ByteReader([3, 1, 2])
      _ = try reader.readBytes(limit: 10)
    }
    #expect(throws: DecodingFailure.truncated) {
      var reader = ByteReader([3, 1, 2, 3, 4, 5])
      _ = try reader.readCount(limit: 10, minimumElementSize: 2)
    }
    #expect(throws: DecodingFailure.truncated) {
      var reader = ByteReader([1, 2])
      _ = try reader.readRaw(count: 3)
    }
  }

  @Test("a string that is not UTF-8 is refused")
  func badText() {
    for bad: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98]] {
      var reader = ByteReader([UInt8(bad.count)] + bad)
      #expect(throws: DecodingFailure.invalid("a string is not UTF-8")) { try reader.readString(limit: 10) }
    }
  }

  @Test("a start outside of the bytes is taken as their end")
  func badStart() {
    #expect(ByteReader([1], from: 5).isAtEnd)
    #expect(ByteReader([1], from: -5).remaining == 1)
  }

  @Test("no bytes make the reader trap or run past the end", arguments: SplitMix.seeds)
  func randomBytes(seed: UInt64) {
    var random = SplitMix(seed: seed)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
        UInt8.random(in: 0 ... .max, using: &random) >> UInt8.random(in: 0...7, using: &random)
      }
      var reader = ByteReader(bytes)
      do {
        while true {
          switch Int.random(in: 0...8, using: &random) {
          case 0: _ = try reader.readUInt8()
          case 1: _ = try reader.readUInt16()
          case 2: _ = try reader.readUInt32()
          case 3: _ = try reader.readUInt64()
          case 4: _ = try reader.readInt32()
          case 5: _ = try reader.readVarint()
          case 6: #expect(try reader.readBytes(limit: 5).count <= 5)
          case 7: #expect(try reader.readString(limit: 5).utf8.count <= 5)
          default: #expect(try reader.readCount(limit: 5, minimumElementSize: 2) * 2 <= reader.remaining)
          }
          #expect(reader.offset <= bytes.count && reader.remaining >= 0)
        }
      } catch {
        #expect(reader.offset <= bytes.count)
      }
    }
  }
}
