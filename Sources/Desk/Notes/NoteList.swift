internal import Kernel

/// The notes of one session, in their order.
package struct NoteList: Hashable, Sendable {
  /// Of one session.
  package static let most = 500
  /// Of their bodies and ids.
  package static let mostBytes = 128 << 10

  package private(set) var list: [Note] = []
  private(set) var bytes = 0

  init() {}

  package var isEmpty: Bool { list.isEmpty }
  /// Of the last one; zero: there is none.
  package var last: Sequence { Sequence(UInt64(list.count)) }

  /// - Parameters:
  ///   - id: of the request.
  ///   - body: of one more.
  func hasRoom(for body: [UInt8], id: String) -> Bool {
    list.count < Self.most && bytes + body.count + id.utf8.count <= Self.mostBytes
  }

  mutating func add(_ note: Note) {
    list.append(note)
    bytes += note.size
  }

  /// The first ones behind a sequence that the person may read.
  /// - Parameters:
  ///   - limit: so many at the most.
  ///   - mostBytes: of their bodies, at the most; one at the least.
  /// - Returns: them, and whether there are others behind them.
  func page(
    after sequence: Sequence, for person: Person, limit: Int, mostBytes: Int
  ) -> (notes: [Note], more: Bool) {
    var page: [Note] = []
    var size = 0
    for note in list.dropFirst(Int(min(sequence.rawValue, UInt64(list.count)))) where note.isFor(person) {
      size += note.size
      guard page.count < limit, size <= mostBytes || page.isEmpty else { return (page, true) }
      page.append(note)
    }
    return (page, false)
  }

  func checkInvariants() -> [String] {
    var problems: [String] = []
    if list.count > Self.most || bytes > Self.mostBytes { problems.append("has too many notes") }
    if list.reduce(0, { $0 + $1.size }) != bytes { problems.append("has counted its notes wrongly") }
    for (place, note) in list.enumerated() where note.sequence.rawValue != UInt64(place + 1) {
      problems.append("has note \(note.sequence.rawValue) in place \(place + 1)")
    }
    return problems
  }
}

extension NoteList {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(list.count))
    for note in list { writer.write(bytes: Note.fields.encode(note)) }
  }

  /// - Parameter now: the state's time, which no note can be above.
  init(from reader: inout ByteReader, now: UInt64) throws(DecodingFailure) {
    for _ in 0..<(try reader.readCount(limit: Self.most, minimumElementSize: 8)) {
      let note = try Note.fields.decode(try reader.readBytes(limit: .max))
      guard note.time <= now else { throw .invalid("a note was written in the future") }
      try take(note)
    }
  }

  /// Of an archive.
  init(_ notes: [Note]) throws(DecodingFailure) {
    for note in notes { try take(note) }
  }

  private mutating func take(_ note: Note) throws(DecodingFailure) {
    guard note.sequence == last.next, hasRoom(for: note.body, id: note.id), note.author.role != .customer else {
      throw .invalid("the notes of a session are not in their order, or too many")
    }
    add(note)
  }
}
