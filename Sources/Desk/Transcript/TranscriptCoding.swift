internal import Kernel

extension Transcript {
  /// - Parameter level: that of the cluster.
  func encode(into writer: inout ByteWriter, level: Level) {
    writer.writeVarint(UInt64(people.count))
    for person in people { person.encode(into: &writer) }
    if level >= LeftMessages.since {
      left.encode(into: &writer)
      writer.write(UInt8(isListed ? 1 : 0))
    }
    writer.writeVarint(UInt64(kept))
    for chunk in sealed { chunk.encode(into: &writer) }
    if last.count > 0 { last.encode(into: &writer) }
  }

  /// - Parameters:
  ///   - ageLimit: no message can be older than that at its time of writing.
  ///   - level: that of the snapshot.
  init(from reader: inout ByteReader, ageLimit: UInt64, level: Level) throws(DecodingFailure) {
    let peopleCount = try reader.readCount(limit: .max, minimumElementSize: 3)
    people.reserveCapacity(peopleCount)
    for _ in 0..<peopleCount { people.append(try Person(from: &reader)) }
    if level >= LeftMessages.since {
      left = try LeftMessages(from: &reader, people: peopleCount, ageLimit: ageLimit)
      bytes = left.bytes
      let flag = try reader.readUInt8()
      guard flag < 2 else { throw .invalid("a flag is \(flag), neither 0 nor 1") }
      isListed = flag == 1
    }
    let total = try reader.readCount(limit: Self.countLimit - left.count, minimumElementSize: 5)
    guard left.isEmpty || total > Self.mostKeptBehind else {
      throw .invalid("a transcript has less than what may never leave it")
    }
    var latest = left.lastAge
    while kept < total {
      if last.isFull {
        sealed.append(last)
        last = MessageChunk()
      }
      let chunk = try MessageChunk(from: &reader)
      guard chunk.count == min(MessageChunk.capacity, total - kept) else {
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
    guard !isListed || isOverfull else { throw .invalid("a transcript is listed for nothing") }
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
