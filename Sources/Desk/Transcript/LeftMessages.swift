internal import Kernel

/// The messages of a session that have left the state, from level 6 on: whole chunks, the oldest ones. What they say is in the
/// archive. Enough of each is kept here to answer a repetition as it was answered the first time, however late it comes: a node
/// that was frozen may say again what it was asked minutes ago.
struct LeftMessages: Sendable {
  static let since = Level.sixth

  /// What is left of a message, for as long as its session is here.
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

  /// Of their ids and bodies.
  private(set) var bytes = 0
  /// By chunk, so that a copy that is held elsewhere costs an addition little.
  private var chunkMarks: [[Mark]] = []
  /// By what is kept of an id.
  private var index = MessageIDIndex()

  var chunks: Int { chunkMarks.count }
  var isEmpty: Bool { chunkMarks.isEmpty }
  var count: Int { chunks * MessageChunk.capacity }
  /// That of the last one; 0: there is none.
  var lastAge: UInt64 { chunkMarks.last?.last?.age ?? 0 }

  private func mark(_ sequence: Int) -> Mark? {
    guard sequence >= 1, sequence <= count else { return nil }
    return chunkMarks[(sequence - 1) / MessageChunk.capacity][(sequence - 1) % MessageChunk.capacity]
  }

  func age(at sequence: Int) -> UInt64? { mark(sequence)?.age }

  func says(_ kind: MessageKind, _ body: [UInt8], at sequence: Int) -> Bool {
    mark(sequence)?.content == Self.content(kind, body[...])
  }

  /// - Parameter isMeant: asked with the sender's place: nobody's message is taken for another one's.
  func find(_ id: UnsafeBufferPointer<UInt8>, isMeant: (Int) -> Bool) -> Int? {
    guard !isEmpty else { return nil }
    let sought = Self.sum(id)
    return index.find(Self.tag(sought)) { sequence in
      guard let mark = mark(Int(sequence)), mark.id == sought else { return false }
      return isMeant(Int(mark.sender))
    }.map(Int.init)
  }

  /// - Parameter chunk: full, and the one behind those that have left.
  mutating func add(_ chunk: MessageChunk) {
    var marks: [Mark] = []
    marks.reserveCapacity(chunk.count)
    for place in 0..<chunk.count {
      guard let record = try? chunk.record(place) else { continue }
      bytes += record.id.count + record.body.count
      let id = chunk.records.bytes.withUnsafeBufferPointer {
        Self.sum(UnsafeBufferPointer(rebasing: $0[record.id]))
      }
      let mark = Mark(
        id: id, content: Self.content(record.kind, chunk.records.bytes[record.body]),
        sender: UInt32(truncatingIfNeeded: record.sender), age: record.age)
      index.insert(Self.tag(id), sequence: UInt32(count + place + 1))
      marks.append(mark)
    }
    chunkMarks.append(marks)
  }

  /// Keyed at random in each process, so that no client can choose ids that are looked for in one place.
  private static func tag(_ id: UInt64) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(id)
    return UInt32(truncatingIfNeeded: hasher.finalize())
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
  /// Chunks (varint); if there are any: their bytes (varint), and the marks, each with the sums of its id (8 bytes) and content (4
  /// bytes), its sender's place and its age (varints).
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(chunks))
    guard !isEmpty else { return }
    writer.writeVarint(UInt64(bytes))
    for mark in chunkMarks.joined() {
      writer.write(mark.id)
      writer.write(mark.content)
      writer.writeVarint(UInt64(mark.sender))
      writer.writeVarint(mark.age)
    }
  }

  init(from reader: inout ByteReader, people: Int, ageLimit: UInt64) throws(DecodingFailure) {
    let chunks = try reader.readCount(
      limit: Transcript.countLimit / MessageChunk.capacity, minimumElementSize: 14 * MessageChunk.capacity)
    guard chunks > 0 else { return }
    guard let bytes = Int(exactly: try reader.readVarint()) else {
      throw .invalid("messages have too many bytes")
    }
    self.bytes = bytes
    for _ in 0..<chunks {
      var marks: [Mark] = []
      marks.reserveCapacity(MessageChunk.capacity)
      var latest = lastAge
      for place in 1...MessageChunk.capacity {
        let id = try reader.readUInt64()
        let content = try reader.readUInt32()
        guard let sender = UInt32(exactly: try reader.readVarint()), Int(sender) < people else {
          throw .invalid("a message has an unknown sender")
        }
        let age = try reader.readVarint()
        guard age >= latest, age <= ageLimit else { throw .invalid("a message has an impossible time") }
        latest = age
        index.insert(Self.tag(id), sequence: UInt32(count + place))
        marks.append(Mark(id: id, content: content, sender: sender, age: age))
      }
      chunkMarks.append(marks)
    }
  }

  func checkInvariants(people: Int) -> [String] {
    var problems: [String] = []
    let marks = Array(chunkMarks.joined())
    if marks.count != count { problems.append("\(marks.count) marks of \(count) messages") }
    if index.count != count { problems.append("\(index.count) ids of \(count) marks are found") }
    if zip(marks, marks.dropFirst()).contains(where: { $0.age > $1.age }) {
      problems.append("messages that have left are not in the order of their times")
    }
    if marks.contains(where: { $0.sender >= people }) { problems.append("a mark has an unknown sender") }
    return problems
  }
}
