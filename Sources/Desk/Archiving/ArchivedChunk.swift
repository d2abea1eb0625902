package import Kernel

/// Up to 64 messages in a row of one session, on their way into an archive or out of it. Messages 64n + 1 to 64n + 64 are
/// always chunk n, so a chunk that comes again is the same row again.
///
/// Shares its bytes with the state that it was taken from: to make one costs a few pointers, and what it says is read by
/// whoever has it, on another thread.
package struct ArchivedChunk: Sendable {
  package let session: SessionID
  /// From 0.
  package let number: UInt32
  /// When the session was opened, in ms since 1970.
  package let openedAt: UInt64
  /// Who has spoken in the session, as its records name them by their place.
  private let people: [Person]
  private let chunk: MessageChunk

  init(session: SessionID, number: UInt32, openedAt: UInt64, people: [Person], chunk: MessageChunk) {
    (self.session, self.number, self.openedAt) = (session, number, openedAt)
    (self.people, self.chunk) = (people, chunk)
  }

  /// Messages in it: 64, but for the last chunk of a session that is closed.
  package var count: Int { chunk.count }
  package var first: Sequence { Sequence(UInt64(number) * UInt64(MessageChunk.capacity) + 1) }
  package var last: Sequence { Sequence(first.rawValue + UInt64(count) - 1) }
  /// When its first and its last message were said, in ms since 1970. A chunk is never empty.
  package var firstTime: UInt64 { openedAt &+ chunk.age(0) }
  package var lastTime: UInt64 { openedAt &+ chunk.age(count - 1) }
  /// About what it takes in memory, in bytes.
  package var bytes: Int { chunk.records.bytes.count + people.count * 96 + 128 }

  /// - Parameter place: from 0, below `count`.
  package func message(_ place: Int) -> Message? {
    guard (0..<count).contains(place), let record = try? chunk.record(place),
      people.indices.contains(record.sender)
    else { return nil }
    return Message(
      sequence: Sequence(first.rawValue + UInt64(place)), id: chunk.text(record.id),
      sender: people[record.sender], kind: record.kind, body: chunk.body(record.body),
      time: openedAt &+ record.age)
  }

  /// The customers who have spoken in the session up to here.
  package var customers: [String] { people.filter { $0.role == .customer }.map(\.id) }

  /// Who has said something in it, each once.
  package var speakers: [Person] {
    var has = [Bool](repeating: false, count: people.count)
    for place in 0..<count {
      if let sender = try? chunk.record(place).sender, has.indices.contains(sender) { has[sender] = true }
    }
    return zip(people, has).filter(\.1).map(\.0)
  }

  /// What kind each of them is and what it says, ascending, without making messages of them: for whoever goes through all of it.
  package func forEachBody(_ look: (MessageKind, UnsafeBufferPointer<UInt8>) -> Void) {
    chunk.records.bytes.withUnsafeBufferPointer { bytes in
      for place in 0..<count {
        guard let record = try? chunk.record(place) else { continue }
        look(record.kind, UnsafeBufferPointer(rebasing: bytes[record.body]))
      }
    }
  }

  /// All of them, ascending.
  package var messages: [Message] { (0..<count).compactMap(message) }
}

extension ArchivedChunk {
  /// Of the form below. Kept for ever: a new one gets a new number, and this one is still read.
  private static let version: UInt8 = 1

  /// The chunk without its key: version (1 byte), time of opening (8 bytes), the people who speak in it, the records as a
  /// snapshot has them.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reservingCapacity: chunk.records.bytes.count + 256)
    writer.write(Self.version)
    writer.write(openedAt)
    writer.writeVarint(UInt64(people.count))
    for person in people { person.encode(into: &writer) }
    chunk.encode(into: &writer)
    return writer.bytes
  }

  /// - Throws: `DecodingFailure` for bytes that `encoded` has not made.
  package init(session: SessionID, number: UInt32, _ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let version = try reader.readUInt8()
    guard version == Self.version else {
      throw .invalid("a chunk of messages has form \(version), not known here")
    }
    openedAt = try reader.readUInt64()
    var people: [Person] = []
    for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 3)) {
      people.append(try Person(from: &reader))
    }
    let chunk = try MessageChunk(from: &reader)
    guard reader.isAtEnd, chunk.count > 0 else { throw .invalid("a chunk of messages has the wrong length") }
    for place in 0..<chunk.count {
      guard people.indices.contains(try chunk.record(place).sender) else {
        throw .invalid("a message has an unknown sender")
      }
    }
    (self.session, self.number) = (session, number)
    (self.people, self.chunk) = (people, chunk)
  }
}
