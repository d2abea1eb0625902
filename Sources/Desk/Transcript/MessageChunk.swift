internal import Kernel

/// Up to 64 messages in a row, packed into one byte string. Against a struct for each message this saves two
/// allocations and some hundred bytes a message, and it is also the form that a snapshot holds.
///
/// A record: time since the session was opened (varint, ms), kind (1 byte), sender's place in the table of people
/// (varint), message id (varint length, UTF-8), and the body up to the record's end.
struct MessageChunk: Sendable {
  static let capacity = 64

  private(set) var records = ByteWriter()
  /// Where each record ends.
  private(set) var ends: [UInt32] = []

  var count: Int { ends.count }
  var isFull: Bool { ends.count >= Self.capacity }

  /// A record taken apart; `body` and `id` are places in `records`.
  struct Record {
    var age: UInt64
    var kind: MessageKind
    var sender: Int
    var id: Range<Int>
    var body: Range<Int>
  }

  mutating func append(age: UInt64, kind: MessageKind, sender: Int, id: String, body: [UInt8]) {
    records.writeVarint(age)
    records.write(kind.rawValue)
    records.writeVarint(UInt64(sender))
    records.write(string: id)
    records.write(raw: body)
    // `Transcript` bounds a record to 16 MiB, so that 64 of them stay below 2^32.
    ends.append(UInt32(truncatingIfNeeded: records.bytes.count))
  }

  /// The same content without the room that growing has left.
  func trimmed() -> MessageChunk {
    var copy = MessageChunk()
    copy.records.bytes.reserveCapacity(records.bytes.count)
    copy.records.write(raw: records.bytes)
    copy.ends.reserveCapacity(ends.count)
    copy.ends.append(contentsOf: ends)
    return copy
  }

  private func bounds(_ place: Int) -> Range<Int> {
    let start = place == 0 ? 0 : Int(ends[place - 1])
    return start..<Int(ends[place])
  }

  func age(_ place: Int) -> UInt64 {
    var reader = ByteReader(records.bytes, from: bounds(place).lowerBound)
    return (try? reader.readVarint()) ?? 0
  }

  /// - Throws: only for bytes that come from a damaged snapshot; what `append` has written can always be read.
  func record(_ place: Int) throws(DecodingFailure) -> Record {
    let bounds = bounds(place)
    var reader = ByteReader(records.bytes, from: bounds.lowerBound)
    let age = try reader.readVarint()
    guard let kind = MessageKind(rawValue: try reader.readUInt8()) else {
      throw .invalid("unknown kind of message")
    }
    guard let sender = Int(exactly: try reader.readVarint()) else { throw .invalid("a message has no sender") }
    let length = try reader.readVarint()
    guard reader.offset <= bounds.upperBound, length <= UInt64(bounds.upperBound - reader.offset) else {
      throw .truncated
    }
    let id = reader.offset..<reader.offset + Int(length)
    return Record(age: age, kind: kind, sender: sender, id: id, body: id.upperBound..<bounds.upperBound)
  }

  /// Whether the record's message id has just these bytes.
  func hasID(_ place: Int, _ id: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let found = try? record(place).id, found.count == id.count else { return false }
    return records.bytes.withUnsafeBufferPointer { UnsafeBufferPointer(rebasing: $0[found]).elementsEqual(id) }
  }

  func hasBody(_ record: Record, _ body: [UInt8]) -> Bool {
    record.body.count == body.count && records.bytes[record.body].elementsEqual(body)
  }

  func text(_ range: Range<Int>) -> String {
    records.bytes.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self)
    }
  }

  func body(_ range: Range<Int>) -> [UInt8] { Array(records.bytes[range]) }
}

extension MessageChunk {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(ends.count))
    var start: UInt32 = 0
    for end in ends {
      writer.writeVarint(UInt64(end - start))
      start = end
    }
    writer.write(raw: records.bytes)
  }

  /// Reads what `encode` has written; the records themselves are still to be checked, by `Transcript`.
  init(from reader: inout ByteReader) throws(DecodingFailure) {
    let count = try reader.readCount(limit: Self.capacity, minimumElementSize: 1)
    ends.reserveCapacity(count)
    var end: UInt64 = 0
    for _ in 0..<count {
      let length = try reader.readVarint()
      guard length <= UInt64(reader.remaining) else { throw .truncated }
      end += length
      guard let small = UInt32(exactly: end) else { throw .tooLarge(limit: Int(UInt32.max)) }
      ends.append(small)
    }
    records.bytes = try reader.readRaw(count: Int(end))
  }
}
