internal import Kernel

/// What persons have done in a session, so that whoever asks again with the same id gets the first answer and nothing is done
/// twice. One for all operations.
///
/// Bounded: of one person the last `mostOfOne` are known, of all the last `most`. A client repeats what it has no answer to, and
/// has far fewer requests open than that. (Messages are known by their ids for as long as they are kept: see `Transcript`.)
struct DoneWindow: Sendable {
  static let most = 64
  static let mostOfOne = 32

  /// In the order in which they were done.
  private(set) var list: [Done] = []

  /// One operation that was carried out.
  struct Done: Hashable, Sendable {
    let person: TextKey
    let role: UserRole
    let request: TextKey
    let operation: UInt16
    /// Of the operation's fields: another one with the same id is not the same request.
    let digest: UInt64

    func isRequest(_ id: String, by other: Person) -> Bool {
      role == other.role && request.text.hasSameBytes(as: id) && person.text.hasSameBytes(as: other.id)
    }
  }

  func find(_ id: String, by person: Person) -> Done? { list.last { $0.isRequest(id, by: person) } }

  mutating func add(_ envelope: borrowing Envelope) {
    add(
      Done(
        person: TextKey(envelope.by.id), role: envelope.by.role, request: TextKey(envelope.requestID),
        operation: envelope.operation, digest: envelope.record.digest))
  }

  mutating func add(_ done: Done) {
    let own = list.indices.filter { list[$0].person == done.person && list[$0].role == done.role }
    if own.count >= Self.mostOfOne {
      list.remove(at: own[0])
    } else if list.count >= Self.most {
      list.removeFirst()
    }
    list.append(done)
  }
}

extension DoneWindow {
  /// Of customers, as they are named.
  var customers: [TextKey] { list.filter { $0.role == .customer }.map(\.person) }

  /// Nothing is left that names the customer.
  mutating func forget(customer: String) {
    list.removeAll { $0.role == .customer && $0.person.text.hasSameBytes(as: customer) }
  }
}

extension OperationRecord {
  var digest: UInt64 { RunningDigest.value(of: fields) }
}

extension DoneWindow {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(list.count))
    for done in list {
      writer.write(string: done.person.text)
      writer.write(done.role.rawValue)
      writer.write(string: done.request.text)
      writer.writeVarint(UInt64(done.operation))
      writer.write(done.digest)
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    for _ in 0..<(try reader.readCount(limit: Self.most, minimumElementSize: 12)) {
      let person = try reader.readString(limit: .max)
      guard let role = UserRole(rawValue: try reader.readUInt8()) else {
        throw .invalid("unknown role of somebody who has done something in a session")
      }
      let request = try reader.readString(limit: .max)
      guard let operation = UInt16(exactly: try reader.readVarint()) else {
        throw .invalid("an operation has a number above 16 bits")
      }
      list.append(
        Done(
          person: TextKey(person), role: role, request: TextKey(request), operation: operation,
          digest: try reader.readUInt64()))
    }
  }
}
