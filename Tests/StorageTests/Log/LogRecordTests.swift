import Kernel
import Raft
import Testing

@testable import Storage

@Suite("Log records")
struct LogRecordTests {
  let codec = RecordCodec(identity: identity, segment: 3)

  @Test("an entry, a hard state and a start come back as they were")
  func roundTrip() throws {
    var bytes: [UInt8] = []
    for count in 0...17 {
      codec.encode(entry(9, count: count), into: &bytes, at: UInt64(bytes.count), durable: 0)
    }
    let state = HardState(term: Term(4), vote: NodeID(2), commit: LogIndex(8))
    codec.encode(state, into: &bytes, at: UInt64(bytes.count), durable: 5)
    codec.encode(HardState(term: Term(5)), into: &bytes, at: UInt64(bytes.count), durable: 5)
    codec.encode(start: LogIndex(70), term: Term(6), into: &bytes, at: UInt64(bytes.count), durable: 5)
    var records: [LogRecord] = []
    try bytes.withUnsafeBytes { segment in
      var offset = 0
      while offset < segment.count {
        let header = try #require(codec.header(segment, at: offset))
        records.append(try #require(codec.record(header, in: segment, at: offset)))
        offset += header.bytes
      }
    }
    let entries = (0...17).map { LogRecord.entry(entry(9, count: $0)) }
    let rest: [LogRecord] = [
      .hardState(state), .hardState(HardState(term: Term(5))), .start(index: LogIndex(70), term: Term(6)),
    ]
    #expect(records == entries + rest)
    #expect(bytes.count % 8 == 0)
  }

  @Test("the bytes of a record are those of format version 1")
  func golden() {
    var bytes: [UInt8] = []
    let small = Entry(
      index: LogIndex(0x0102), term: Term(3), time: 0x0405, kind: .membership,
      checksum: CRC32C.checksum([9, 8, 7]),
      data: [9, 8, 7])
    codec.encode(small, into: &bytes, at: 4096, durable: 4096)
    let fields: [UInt8] = [
      3, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 4,
      0, 0, 0, 0,
      0, 0,
    ]
    #expect(Array(bytes[0..<40]) == fields)
    #expect(Array(bytes[48...]) == [9, 8, 7, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5])
    let words = [Int](stride(from: 40, to: 48, by: 4)).map { place in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
    }
    #expect(words == [CRC32C.checksum([9, 8, 7]), 0xca3c_eea4])
  }

  @Test("a record of another segment, another node or another place is none")
  func placeCounts() {
    var bytes: [UInt8] = []
    codec.encode(entry(1), into: &bytes, at: 0, durable: 0)
    let moved = [UInt8](repeating: 0, count: 8) + bytes
    let elsewhere = [
      RecordCodec(identity: identity, segment: 4),
      RecordCodec(identity: StoreIdentity(cluster: "test", node: 2), segment: 3),
      RecordCodec(identity: StoreIdentity(cluster: "other", node: 1), segment: 3),
    ]
    bytes.withUnsafeBytes { segment in
      #expect(codec.header(segment, at: 0) != nil)
      for other in elsewhere { #expect(other.header(segment, at: 0) == nil) }
    }
    moved.withUnsafeBytes { #expect(codec.header($0, at: 8) == nil) }
  }

  @Test("random bytes are no record and do no harm")
  func randomBytes() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Seeded(state: seed)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      bytes.withUnsafeBytes { segment in
        for offset in 0...bytes.count { #expect(codec.header(segment, at: offset) == nil, "seed \(seed)") }
      }
    }
  }
}
