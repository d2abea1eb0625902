import Desk
import Kernel
import NIOCore
import Protocol
import Testing
import Wire

@Suite("Attendance between nodes")
struct AttendanceCodecTests {
  private let ben = Person(id: "ben", role: .customer, name: "Ben")
  private let anna = Person(id: "anna", role: .agent, name: "")
  private func reports() -> AttendanceCodec.Content {
    .reports([
      AttendanceReport(session: SessionID(rawValue: 300), seen: 130, isFollowed: true, people: [ben, anna]),
      AttendanceReport(session: SessionID(rawValue: 5), seen: 0, isFollowed: false, people: []),
    ])
  }
  private func lists() -> AttendanceCodec.Content {
    .lists([AttendanceList(session: SessionID(rawValue: 300), version: 131, people: [ben])])
  }

  @Test("reports and lists survive encoding and decoding, and have these bytes")
  func roundTrip() throws {
    for (content, text) in [
      (reports(), "00 01 02 AC02 8201 01 02 03 62656E 00 03 42656E 04 616E6E61 01 00 05 00 00 00"),
      (lists(), "00 02 01 AC02 8301 01 03 62656E 00 03 42656E"),
    ] {
      let encoded = written { AttendanceCodec.encode(content, into: &$0) }
      #expect(hex(encoded) == hex(bytes(text)))
      var buffer = ByteBuffer(bytes: encoded)
      #expect(AttendanceCodec.isMarked(buffer))
      #expect(try AttendanceCodec.decode(&buffer) == content)
    }
  }

  @Test("cut short at any byte they are refused; what a newer node says behind them is passed over")
  func damaged() {
    for content in [reports(), lists()] {
      let encoded = written { AttendanceCodec.encode(content, into: &$0) }
      for length in 0..<encoded.count {
        var buffer = ByteBuffer(bytes: encoded.prefix(length))
        #expect(throws: DecodingFailure.self, "\(length) bytes") { try AttendanceCodec.decode(&buffer) }
      }
      var longer = ByteBuffer(bytes: encoded + [0])
      #expect((try? AttendanceCodec.decode(&longer)) == content)
    }
  }

  @Test("a crowd above the limit is refused before it is read")
  func crowd() {
    let people = (0...AttendanceCodec.mostPeople).map { Person(id: "\($0)", role: .agent, name: "") }
    var buffer = ByteBuffer()
    AttendanceCodec.encode(
      .lists([AttendanceList(session: SessionID(rawValue: 1), version: 1, people: people)]), into: &buffer)
    #expect(throws: DecodingFailure.tooLarge(limit: AttendanceCodec.mostPeople)) {
      try AttendanceCodec.decode(&buffer)
    }
  }

  @Test("a topic of a newer node is passed over, and signals are not taken for attendance")
  func others() throws {
    var newer = ByteBuffer(bytes: [0, 77, 1, 2, 3])
    #expect(AttendanceCodec.isMarked(newer))
    #expect(try AttendanceCodec.decode(&newer) == nil)
    for signals in [
      [],
      [
        Signal(
          session: SessionID(rawValue: 3), person: ben, kind: .typing(true), server: ServerID(1), sink: 0,
          connection: 1)
      ],
    ] {
      let encoded = written { SignalCodec.encode(signals, into: &$0) }
      #expect(!AttendanceCodec.isMarked(ByteBuffer(bytes: encoded)))
    }
  }

  @Test("read as signals it has none in it, so that a node which knows those alone goes on without it")
  func older() {
    for content in [reports(), lists()] {
      var buffer = ByteBuffer(bytes: written { AttendanceCodec.encode(content, into: &$0) })
      #expect((try? SignalCodec.decode(&buffer)) == [])
    }
  }
}
