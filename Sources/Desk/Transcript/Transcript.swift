internal import Kernel

/// What was said in a session. Message n lies in chunk (n - 1) / 64: any message is found in O(1), and a copy of
/// the transcript that is held elsewhere costs an append one small chunk.
struct Transcript: Sendable {
  /// Bytes of id and body that one message can have, whatever the edges allow: keeps places in a chunk in 32 bits.
  static let messageLimit = 16 << 20
  static let countLimit = Int(UInt32.max) - 1

  /// Who has spoken, in the order of their first words; each is kept once.
  var people: [Person] = []
  /// Full chunks that are kept here; before them are those of `left`.
  var sealed: [MessageChunk] = []
  var last = MessageChunk()
  /// Of all ids and bodies, of those that have left the state, too.
  var bytes = 0
  /// Of the messages that are kept here.
  var ids = MessageIDIndex()
  /// What has left the state. From level 6 on.
  var left = LeftMessages()
  /// More is here than stays, and `ServerTables.overfull` says so.
  var isListed = false

  init() {}

  var count: Int { (left.chunks + sealed.count) * MessageChunk.capacity + last.count }

  /// - Parameter number: from 0, kept here and below `count`.
  func chunk<Result>(of number: Int, _ body: (borrowing MessageChunk, Int) -> Result) -> Result {
    let chunk = number / MessageChunk.capacity - left.chunks
    let place = number % MessageChunk.capacity
    return chunk < sealed.count ? body(sealed[chunk], place) : body(last, place)
  }

  /// The sequence of a message with this id, compared byte by byte.
  /// - Parameters:
  ///   - tag: the id's own, where it is known.
  ///   - sender: whose; nil: anybody's.
  func sequence(ofID id: String, tag: UInt32? = nil, by sender: Person? = nil) -> Int? {
    id.withBytes { bytes in
      find(tag ?? MessageIDIndex.tag(bytes), bytes, by: sender)
        ?? left.find(bytes) { place in sender.map { isSame($0, at: place) } ?? true }
    }
  }

  func find(_ tag: UInt32, _ bytes: UnsafeBufferPointer<UInt8>, by sender: Person?) -> Int? {
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
    guard sequence >= firstKept, sequence <= count else { return left.says(kind, body, at: sequence) }
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

  mutating func seal() {
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
    guard sequence >= firstKept, sequence <= count else { return left.age(at: sequence) }
    return chunk(of: sequence - 1) { chunk, place in chunk.age(place) }
  }

  func message(at sequence: Int, openedAt: UInt64) -> Message? {
    guard sequence >= firstKept, sequence <= count else { return nil }
    return chunk(of: sequence - 1) { chunk, place in
      guard let record = try? chunk.record(place), people.indices.contains(record.sender) else { return nil }
      return Message(
        sequence: Sequence(UInt64(sequence)), id: chunk.text(record.id), sender: people[record.sender],
        kind: record.kind, body: chunk.body(record.body), time: openedAt &+ record.age)
    }
  }

  /// The first message that is kept here and whose age is not below; `count + 1` when there is none.
  func firstSequence(notBefore age: UInt64) -> Int {
    var low = firstKept
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
