import Desk
import Kernel
import NIOCore
import Protocol
import Testing

@testable import Wire

@Suite("What archives say to each other")
struct ArchiveCodecTests {
  private var talks: [ArchiveTalk] {
    let place = ArchiveRowPlace(isExact: true, made: 300, key: .session(SessionID(rawValue: .max)))
    let other = ArchiveRowPlace(isExact: false, made: .max, key: .chunk(SessionID(rawValue: 1), 0))
    var page = ArchiveRowPage()
    page.complete = [ArchiveGap(after: 0, upTo: 5), ArchiveGap(month: 24_322, after: 9, upTo: .max)]
    page.deletions = [ArchiveRowPage.Deletion(desk: DeskNumber(7), index: 8)]
    page.rows = [
      StoredArchiveRow(
        origin: RowOrigin(since: 1, made: 2), key: .chunk(SessionID(rawValue: 3), 4), sum: .max,
        bytes: [1, 2, 3]),
      StoredArchiveRow(origin: RowOrigin(9), key: .session(SessionID(rawValue: 3)), sum: 0, bytes: []),
      StoredArchiveRow(origin: RowOrigin(9), key: .audit(DeskNumber(7), .max), sum: 7, bytes: [1]),
    ]
    page.next = place
    return [
      .busy(number: 1), .page(number: 2, ArchiveRowPage()), .page(number: .max, page),
      .ask(number: 3, ArchivePageRequest(gap: ArchiveGap(after: 1, upTo: 2))),
      .ask(
        number: 3,
        ArchivePageRequest(gap: ArchiveGap(month: 0, after: 1, upTo: 2), place: other, takesIncomplete: true)),
    ]
  }

  @Test("comes back as it was, and cut short it is an error")
  func both() throws {
    for talk in talks {
      var buffer = ByteBuffer()
      ArchiveCodec.encode(talk, into: &buffer)
      let bytes = buffer
      #expect(try ArchiveCodec.decode(&buffer) == talk && buffer.readableBytes == 0)
      for length in 0..<bytes.readableBytes {
        var part = bytes.getSlice(at: 0, length: length) ?? ByteBuffer()
        #expect(throws: DecodingFailure.self) { try ArchiveCodec.decode(&part) }
      }
    }
  }

  @Test(
    "more rows or parts than a page has are refused before memory is taken for them, a new topic is passed over"
  )
  func bounds() throws {
    var rows = ByteBuffer(bytes: [2, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F])
    #expect(throws: DecodingFailure.self) { try ArchiveCodec.decode(&rows) }
    var parts = ByteBuffer(bytes: [2, 1, 17] + [UInt8](repeating: 0, count: 100))
    #expect(throws: DecodingFailure.self) { try ArchiveCodec.decode(&parts) }
    var topic = ByteBuffer(bytes: [9, 1, 2, 3])
    #expect(try ArchiveCodec.decode(&topic) == nil && topic.readableBytes == 0)
  }
}
