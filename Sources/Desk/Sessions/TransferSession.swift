internal import Kernel

/// Hands a session on: to another agent, or to whoever has a skill.
package struct TransferSession: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    /// Takes it at once or not at all: it has to be online and have room.
    case agent(AgentID)
    /// The session has this skill from now on: it goes to an agent with room, or waits at its place by priority and
    /// arrival.
    case skill(String)
  }

  package var session: SessionID
  /// The epoch under which the proposer owns the session.
  package var epoch: Epoch
  /// The client's request id. What the same person asks again with the same id has been done already.
  package var requestID: String
  package var by: Person
  package var target: Target
  package init(session: SessionID, epoch: Epoch, requestID: String, by: Person, target: Target) {
    self.session = session
    self.epoch = epoch
    self.requestID = requestID
    self.by = by
    self.target = target
  }

  var key: TransferKey { TransferKey(by, requestID) }
}

/// By what a transfer is known again, within its session.
struct TransferKey: Hashable, Sendable {
  var person: String
  var role: UserRole
  var requestID: String

  init(_ person: Person, _ requestID: String) {
    self.person = person.id
    role = person.role
    self.requestID = requestID
  }
}

extension TransferKey {
  static let minimumEncodedSize = 3

  func encode(into writer: inout ByteWriter) {
    writer.write(string: person)
    writer.write(role.rawValue)
    writer.write(string: requestID)
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    person = try reader.readString(limit: .max)
    guard let role = UserRole(rawValue: try reader.readUInt8()) else {
      throw .invalid("unknown role of somebody who passed a session on")
    }
    self.role = role
    requestID = try reader.readString(limit: .max)
  }
}
