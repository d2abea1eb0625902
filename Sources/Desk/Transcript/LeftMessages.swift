internal import Kernel

/// The messages of a session that have left the state, from level 6 on: whole chunks, the oldest ones. What they say is in the
/// archive. Of the last ones enough is kept here to answer a retry as it was answered the first time.
struct LeftMessages: Sendable {
  static let since = Level.sixth
  /// Messages that a retry finds; whole chunks.
  static let mostMarks = 16 * MessageChunk.capacity

  /// What is left of a message.
  struct Mark: Sendable {
    /// Of its id.
    var id: UInt64
    /// Of what it says.
    var content: UInt32
    /// Its sender's place in the table of people.
    var sender: UInt32
    /// ms since the session was opened.
    var age: UInt64
  }

  private(set) var chunks = 0
  /// Of their ids and bodies.
  private(set) var bytes = 0
  /// Of the last of them, ascending.
  private var marks: [Mark] = []
  /// By the lower half of what is kept of an id.
  private var index = MessageIDIndex()

  var isEmpty: Bool { chunks == 0 }
  var count: Int { chunks * MessageChunk.capacity }
  /// That of the last one; 0: there is none.
  var lastAge: UInt64 { marks.last?.age ?? 0 }
  /// The sequence of the first one that is still known.
  private var firstMark: Int { count - marks.count + 1 }

  private func mark(_ sequence: Int) -> Mark? {
    sequence >= firstMark && sequence <= count ? marks[sequence - firstMark] : nil
  }

  func age(at sequence: Int) -> UInt64? { mark(sequence)?.age }

  func says(_ kind: MessageKind, _ body: [UInt8], at sequence: Int) -> Bool {
    mark(sequence)?.content == Self.content(kind, body[...])
  }

  /// - Parameter isMeant: asked with the sender's place: nobody's message is taken for another one's.
  func find(_ id: UnsafeBufferPointer<UInt8>, isMeant: (Int) -> Bool) -> Int? {
    guard !marks.isEmpty else { return nil }
    let sought = Self.sum(id)
    return index.find(UInt32(truncatingIfNeeded: sought)) { sequence in
      guard let mark = mark(Int(sequence)), mark.id == sought else { return false }
      return isMeant(Int(mark.sender))
    }.map(Int.init)
  }

  /// - Parameter chunk: full, and the one behind those that have left.
  mutating func add(_ chunk: MessageChunk) {
    for place in 0..<chunk.count {
      guard let record = try? chunk.record(place) else { continue }
      bytes += record.id.count + record.body.count
      let id = chunk.records.bytes.withUnsafeBufferPointer {
        Self.sum(UnsafeBufferPointer(rebasing: $0[record.id]))
      }
      let mark = Mark(
        id: id, content: Self.content(record.kind, chunk.records.bytes[record.body]),
        sender: UInt32(truncatingIfNeeded: record.sender), age: record.age)
      marks.append(mark)
      index.insert(UInt32(truncatingIfNeeded: id), sequence: UInt32(count + place + 1))
    }
    chunks += 1
    forgetFirst()
  }

  private mutating func forgetFirst() {
    guard marks.count > Self.mostMarks else { return }
    marks.removeFirst(marks.count - Self.mostMarks)
    index.removeAll(through: UInt32(firstMark - 1))
  }

  // MARK: Sums. Part of what level 6 means: the same on all nodes, and for ever.

  /// FNV-1a, mixed at the end. Somebody may find two ids of their own with one sum, and only fools their own retry by it.
  private static func sum(_ bytes: some Swift.Sequence<UInt8>) -> UInt64 {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let mixed = (sum ^ (sum >> 29)) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ (mixed >> 32)
  }

  private static func content(_ kind: MessageKind, _ body: ArraySlice<UInt8>) -> UInt32 {
    let sum = body.withUnsafeBufferPointer { Self.sum($0) } &+ UInt64(kind.rawValue) &* 0x9E37_79B9_7F4A_7C15
    return UInt32(truncatingIfNeeded: sum ^ (sum >> 32))
  }
}

extension LeftMessages {
  /// Chunks (varint); if there are any: their bytes (varint), and the marks of the last ones, each with the sums of its id (8
  /// bytes) and content (4 bytes), its sender's place and its age (varints).
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(chunks))
    guard !isEmpty else { return }
    writer.writeVarint(UInt64(bytes))
    for mark in marks {
      writer.write(mark.id)
      writer.write(mark.content)
      writer.writeVarint(UInt64(mark.sender))
      writer.writeVarint(mark.age)
    }
  }

  init(from reader: inout ByteReader, people: Int, ageLimit: UInt64) throws(DecodingFailure) {
    let chunks = try reader.readVarint()
    guard chunks <= UInt64(Transcript.countLimit / MessageChunk.capacity) else {
      throw .tooLarge(limit: Transcript.countLimit)
    }
    guard chunks > 0 else { return }
    self.chunks = Int(chunks)
    guard let bytes = Int(exactly: try reader.readVarint()) else {
      throw .invalid("messages have too many bytes")
    }
    self.bytes = bytes
    for _ in 0..<min(count, Self.mostMarks) {
      let id = try reader.readUInt64()
      let content = try reader.readUInt32()
      guard let sender = UInt32(exactly: try reader.readVarint()), Int(sender) < people else {
        throw .invalid("a message has an unknown sender")
      }
      let age = try reader.readVarint()
      guard age >= lastAge, age <= ageLimit else { throw .invalid("a message has an impossible time") }
      marks.append(Mark(id: id, content: content, sender: sender, age: age))
    }
    for (place, mark) in marks.enumerated() {
      index.insert(UInt32(truncatingIfNeeded: mark.id), sequence: UInt32(firstMark + place))
    }
  }

  func checkInvariants(people: Int) -> [String] {
    var problems: [String] = []
    if marks.count != min(count, Self.mostMarks) {
      problems.append("\(marks.count) marks of \(count) messages")
    }
    if index.count != marks.count { problems.append("\(index.count) ids of \(marks.count) marks are found") }
    if zip(marks, marks.dropFirst()).contains(where: { $0.age > $1.age }) {
      problems.append("messages that have left are not in the order of their times")
    }
    if marks.contains(where: { $0.sender >= people }) { problems.append("a mark has an unknown sender") }
    return problems
  }
}
