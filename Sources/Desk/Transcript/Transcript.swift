internal import Kernel

/// What was said in a session. Message n lies in chunk (n - 1) / 64: any message is found in O(1), and a copy of
/// the transcript that is held elsewhere costs an append one small chunk.
struct Transcript: Sendable {
  /// Bytes of id and body that one message can have, whatever the edges allow: keeps places in a chunk in 32 bits.
  static let messageLimit = 16 << 20
  static let countLimit = Int(UInt32.max) - 1

  /// Who has spoken, in the order of their first words; each is kept once.
  private(set) var people: [Person] = []
  private(set) var sealed: [MessageChunk] = []
  private(set) var last = MessageChunk()
  /// Of all ids and bodies.
  private(set) var bytes = 0
  private var ids = MessageIDIndex()

  init() {}

  var count: Int { sealed.count * MessageChunk.capacity + last.count }

  /// - Parameter number: from 0 and below `count`.
  private func chunk<Result>(of number: Int, _ body: (borrowing MessageChunk, Int) -> Result) -> Result {
    let chunk = number / MessageChunk.capacity
    let place = number % MessageChunk.capacity
    return chunk < sealed.count ? body(sealed[chunk], place) : body(last, place)
  }

  /// The sequence of a message with this id, compared byte by byte.
  /// - Parameters:
  ///   - tag: the id's own, where it is known.
  ///   - sender: whose; nil: anybody's.
  func sequence(ofID id: String, tag: UInt32? = nil, by sender: Person? = nil) -> Int? {
    id.withBytes { bytes in find(tag ?? MessageIDIndex.tag(bytes), bytes, by: sender) }
  }

  private func find(_ tag: UInt32, _ bytes: UnsafeBufferPointer<UInt8>, by sender: Person?) -> Int? {
    ids.find(tag) { sequence in
      chunk(of: Int(sequence) - 1) { chunk, place in
        guard chunk.hasID(place, bytes) else { return false }
        guard let sender else { return true }
        return (try? chunk.record(place)).map { isSame(sender, at: $0.sender) } ?? false
      }
    }.map(Int.init)
  }

  private func isSame(_ person: Person, at place: Int) -> Bool {
    people.indices.contains(place) && people[place].isSame(as: person)
  }

  /// Whether that message says just this.
  func says(_ kind: MessageKind, _ body: [UInt8], at sequence: Int) -> Bool {
    guard sequence >= 1, sequence <= count else { return false }
    return chunk(of: sequence - 1) { chunk, place in
      guard let record = try? chunk.record(place), record.kind == kind else { return false }
      return chunk.hasBody(record, body)
    }
  }

  /// Adds a message. Whether there is one of that sender with its id, the caller has looked.
  /// - Parameters:
  ///   - age: ms since the session was opened; never below that of the last message.
  ///   - tag: the id's own.
  /// - Returns: false: it is too large, or there are too many.
  mutating func append(
    age: UInt64, kind: MessageKind, sender: Person, id: String, tag: UInt32, body: [UInt8]
  ) -> Bool {
    guard body.count + id.utf8.count <= Self.messageLimit, count < Self.countLimit else { return false }
    if last.isFull { seal() }
    last.append(age: age, kind: kind, sender: place(of: sender), id: id, body: body)
    bytes += id.utf8.count + body.count
    ids.insert(tag, sequence: UInt32(count))
    return true
  }

  private mutating func seal() {
    sealed.append(last.trimmed())
    last = MessageChunk()
  }

  private mutating func place(of person: Person) -> Int {
    if let place = known(person) { return place }
    people.append(person)
    return people.count - 1
  }

  /// The last to come are the most likely to speak; there are few. A span lends them: nobody is retained.
  private func known(_ person: Person) -> Int? {
    let people = people.span
    var place = people.count
    while place > 0 {
      place -= 1
      if people[place] == person { return place }
    }
    return nil
  }

  func age(at sequence: Int) -> UInt64? {
    guard sequence >= 1, sequence <= count else { return nil }
    return chunk(of: sequence - 1) { chunk, place in chunk.age(place) }
  }

  func message(at sequence: Int, openedAt: UInt64) -> Message? {
    guard sequence >= 1, sequence <= count else { return nil }
    return chunk(of: sequence - 1) { chunk, place in
      guard let record = try? chunk.record(place), people.indices.contains(record.sender) else { return nil }
      return Message(
        sequence: Sequence(UInt64(sequence)), id: chunk.text(record.id), sender: people[record.sender],
        kind: record.kind, body: chunk.body(record.body), time: openedAt &+ record.age)
    }
  }

  /// The first message whose age is not below; `count + 1` when there is none.
  func firstSequence(notBefore age: UInt64) -> Int {
    var low = 1
    var high = count + 1
    while low < high {
      let middle = (low + high) / 2
      if chunk(of: middle - 1, { chunk, place in chunk.age(place) }) < age {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// Of the ids and bodies of those messages whose age is not below and whose senders are meant.
  func bytes(notBefore age: UInt64, of isMeant: (Person) -> Bool) -> Int {
    var bytes = 0
    for sequence in stride(from: firstSequence(notBefore: age), through: count, by: 1) {
      chunk(of: sequence - 1) { chunk, place in
        guard let record = try? chunk.record(place), people.indices.contains(record.sender),
          isMeant(people[record.sender])
        else { return }
        bytes += record.id.count + record.body.count
      }
    }
    return bytes
  }
}

extension Transcript {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(people.count))
    for person in people { person.encode(into: &writer) }
    writer.writeVarint(UInt64(count))
    for chunk in sealed { chunk.encode(into: &writer) }
    if last.count > 0 { last.encode(into: &writer) }
  }

  /// - Parameter ageLimit: no message can be older than that at its time of writing.
  init(from reader: inout ByteReader, ageLimit: UInt64) throws(DecodingFailure) {
    let peopleCount = try reader.readCount(limit: .max, minimumElementSize: 3)
    people.reserveCapacity(peopleCount)
    for _ in 0..<peopleCount { people.append(try Person(from: &reader)) }
    let total = try reader.readCount(limit: Self.countLimit, minimumElementSize: 5)
    var latest: UInt64 = 0
    while count < total {
      if last.isFull {
        sealed.append(last)
        last = MessageChunk()
      }
      let chunk = try MessageChunk(from: &reader)
      guard chunk.count == min(MessageChunk.capacity, total - count) else {
        throw .invalid("a transcript has a chunk of the wrong size")
      }
      let first = count
      last = chunk
      for place in 0..<chunk.count {
        let record = try chunk.record(place)
        guard record.age >= latest, record.age <= ageLimit else {
          throw .invalid("a message has an impossible time")
        }
        latest = record.age
        guard people.indices.contains(record.sender) else { throw .invalid("a message has an unknown sender") }
        guard record.id.count + record.body.count <= Self.messageLimit else {
          throw .tooLarge(limit: Self.messageLimit)
        }
        let id = chunk.text(record.id)
        let sender = people[record.sender]
        let (tag, found, isIntact) = id.withBytes { bytes in
          let tag = MessageIDIndex.tag(bytes)
          return (tag, find(tag, bytes, by: sender), chunk.hasID(place, bytes))
        }
        guard isIntact else { throw .invalid("a message id is not UTF-8") }
        guard found == nil else { throw .invalid("somebody has a message id twice in a session") }
        ids.insert(tag, sequence: UInt32(first + place + 1))
        bytes += record.id.count + record.body.count
      }
    }
  }

  /// What is wrong with the transcript; empty: nothing.
  func checkInvariants() -> [String] {
    var problems: [String] = []
    if sealed.contains(where: { $0.count != MessageChunk.capacity }) {
      problems.append("a sealed chunk does not have \(MessageChunk.capacity) messages")
    }
    if ids.count != count { problems.append("\(ids.count) message ids for \(count) messages") }
    if Set(people).count != people.count { problems.append("a person occurs twice in a session's table") }
    var latest: UInt64 = 0
    for sequence in stride(from: 1, through: count, by: 1) {
      guard let message = message(at: sequence, openedAt: 0) else {
        problems.append("message \(sequence) cannot be read")
        continue
      }
      if message.time < latest { problems.append("message \(sequence) is older than the one before it") }
      latest = message.time
      if self.sequence(ofID: message.id, by: message.sender) != sequence {
        problems.append("the id of message \(sequence) leads elsewhere")
      }
    }
    return problems
  }
}

extension Person {
  func encode(into writer: inout ByteWriter) {
    writer.write(string: id)
    writer.write(role.rawValue)
    writer.write(string: name)
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    let id = try reader.readString(limit: .max)
    guard let role = UserRole(rawValue: try reader.readUInt8()) else {
      throw .invalid("unknown role of a person")
    }
    self.init(id: id, role: role, name: try reader.readString(limit: .max))
  }
}
