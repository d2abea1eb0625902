package import Desk
import Kernel

/// A binary frame of a client: a header, and a record whose field 0 is the request's id.
package struct BinaryClientFrame {
  package let header: BinaryFrameHeader
  /// Empty: there is none.
  private let id: String
  private let record: RecordReader

  /// - Parameter payload: of the WebSocket message.
  package init(_ payload: UnsafeRawBufferPointer) throws(Failure) {
    guard let header = BinaryFrameHeader(payload) else {
      throw Failure(
        .badFrame,
        "A binary frame begins with a header of 14 bytes; this one has \(payload.count) bytes in all.")
    }
    guard header.version == BinaryFrameHeader.currentVersion else {
      throw Failure(
        .unsupported,
        "The header says version \(header.version); this server speaks \(BinaryFrameHeader.currentVersion).")
    }
    let length = payload.count - BinaryFrameHeader.byteCount
    guard header.length == length else {
      throw Failure(
        .badFrame,
        "The header says \(header.length) bytes behind it; there are \(length). A message is one frame.")
    }
    self.header = header
    var bytes = ByteReader(Array(payload), from: BinaryFrameHeader.byteCount)
    do throws(DecodingFailure) {
      id = try Self.id(&bytes)
    } catch { throw Failure(.badFrame, "`id` is not in the binary form of its type: \(error).") }
    record = RecordReader(bytes)
  }

  private static func id(_ bytes: inout ByteReader) throws(DecodingFailure) -> String {
    // Field 0, which no record has.
    var next = bytes
    guard !bytes.isAtEnd, try next.readUInt8() == 0 else { return "" }
    bytes = next
    var value = ByteReader(try bytes.readBytes(limit: RequestIDSearch.longest))
    let id = try value.readString(limit: RequestIDSearch.longest)
    guard value.isAtEnd else { throw .invalid("\(value.remaining) bytes are left over") }
    return id
  }

  /// What an error calls a frame that is not taken.
  /// - Parameter payload: of the message, or its first bytes.
  static func name(in payload: UnsafeRawBufferPointer) -> RequestName {
    let head = payload.prefix(BinaryFrameHeader.byteCount + RequestIDSearch.longest + 8)
    var bytes = ByteReader(Array(head), from: BinaryFrameHeader.byteCount)
    return .text((try? id(&bytes)) ?? "")
  }
}

extension BinaryClientFrame: RequestFrame {
  var asked: ClientFrameType? { ClientFrameType(framed: header.type) }
  var name: RequestName { .text(id) }
  var typeName: String { String(header.type) }

  func requestID(limit: Int) throws(Failure) -> String { try id.boundedID(limit) }

  func hello() throws(Failure) -> Hello {
    var record = record
    return try HelloRecord.fields.hear(&record).hello
  }

  func sendRequest(id: String, bodyBytes: Int) throws(Failure) -> DeskRequest {
    if id.isEmpty { throw .noID(for: Send.name) }
    var record = record
    let send = try Send.fields.hear(&record)
    if bodyBytes > 0, send.body.count > bodyBytes {
      throw Failure(.tooLarge, "`body` has \(send.body.count) bytes; \(bodyBytes) are allowed.")
    }
    return .send(send.session, id: id, body: send.body)
  }

  func receipt() throws(Failure) -> (SessionID, Sequence) {
    var record = record
    let received = try Received.fields.hear(&record)
    return (received.session, received.seq)
  }

  func request(
    _ operation: any ClientOperation.Type, role: UserRole, by asker: Asker
  ) throws(Failure) -> DeskRequest {
    var asker = asker
    if operation is any SessionOperation.Type {
      var beside = record
      asker.expectation = try Expecting.fields.hear(&beside).expectation
    }
    var record = record
    return try operation.request(&record, role: role, by: asker)
  }
}
