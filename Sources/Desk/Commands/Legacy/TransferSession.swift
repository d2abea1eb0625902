internal import Kernel

/// `Transfer` as levels 1 and 2 have it in logs and between nodes.
package struct TransferSession: Hashable, Sendable {
  package var session: SessionID
  package var epoch: Epoch
  package var requestID: String
  package var by: Person
  package var target: Transfer.Target
  package init(
    session: SessionID, epoch: Epoch, requestID: String, by: Person, target: Transfer.Target
  ) {
    self.session = session
    self.epoch = epoch
    self.requestID = requestID
    self.by = by
    self.target = target
  }

  init?(_ envelope: borrowing Envelope) {
    guard let target = envelope.opened(as: Transfer.self)?.target else { return nil }
    self.init(
      session: envelope.session, epoch: envelope.epoch, requestID: envelope.requestID, by: envelope.by,
      target: target)
  }

  package var envelope: Envelope {
    Envelope(Transfer(session, to: target), id: requestID, by: by, epoch: epoch, level: .first)
  }
}

/// A transfer that was carried out at levels 1 and 2. A repetition of it is known by its person and request id, within its
/// session, for ever. From level 3 on `DoneWindow` knows what was done; these stay with the sessions that have them.
struct DoneTransfer: Sendable {
  var person: String
  var role: UserRole
  var requestID: String
  /// nil: carried out while the cluster was at level 1.
  var target: Transfer.Target?

  func isRequest(_ id: String, by other: Person) -> Bool {
    role == other.role && requestID.hasSameBytes(as: id) && person.hasSameBytes(as: other.id)
  }
}

extension Session {
  /// What that person has done with that request.
  func transfer(by person: Person, _ requestID: String) -> DoneTransfer? {
    transfers.first { $0.isRequest(requestID, by: person) }
  }

  /// nil: it is not among the transfers of levels 1 and 2.
  func answerOfEarlierLevels(to envelope: borrowing Envelope) -> Answer? {
    guard let done = transfer(by: envelope.by, envelope.requestID) else { return nil }
    guard let asked = TransferSession(envelope) else { return .refused(.conflict) }
    let isOther = done.target.map { $0 != asked.target } ?? false
    return isOther ? .refused(.conflict) : .done
  }

  mutating func rememberAtEarlierLevel(_ envelope: borrowing Envelope, level: Level) {
    guard let transfer = TransferSession(envelope) else { return }
    transfers.append(
      DoneTransfer(
        person: transfer.by.id, role: transfer.by.role, requestID: transfer.requestID,
        target: level >= .second ? transfer.target : nil))
  }
}

extension DoneTransfer {
  static let minimumEncodedSize = 3

  func encode(into writer: inout ByteWriter, level: Level) {
    writer.write(string: person)
    writer.write(role.rawValue)
    writer.write(string: requestID)
    guard level >= .second else { return }
    switch target {
    case nil: writer.write(UInt8(0))
    case .agent(let agent)?:
      writer.write(UInt8(1))
      writer.write(string: agent.rawValue)
    case .skill(let skill)?:
      writer.write(UInt8(2))
      writer.write(string: skill)
    }
  }

  init(from reader: inout ByteReader, version: UInt16) throws(DecodingFailure) {
    person = try reader.readString(limit: .max)
    guard let role = UserRole(rawValue: try reader.readUInt8()) else {
      throw .invalid("unknown role of somebody who passed a session on")
    }
    self.role = role
    requestID = try reader.readString(limit: .max)
    guard version >= 4 else { return }
    switch try reader.readUInt8() {
    case 0: break
    case 1: target = .agent(AgentID(try reader.readString(limit: .max)))
    case 2: target = .skill(try reader.readString(limit: .max))
    case let other: throw .invalid("a session was handed on to \(other), neither an agent nor a skill")
    }
  }
}
