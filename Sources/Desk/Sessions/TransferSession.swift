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

  /// - Parameter level: the first one does not remember the target.
  func done(level: Level) -> DoneTransfer {
    DoneTransfer(person: by.id, role: by.role, requestID: requestID, target: level >= .second ? target : nil)
  }
}

extension TransferSession.Target {
  package static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.agent(let left), .agent(let right)): left == right
    case (.skill(let left), .skill(let right)): left.hasSameBytes(as: right)
    case (.agent, .skill), (.skill, .agent): false
    }
  }

  package func hash(into hasher: inout Hasher) {
    switch self {
    case .agent(let agent): hasher.combine(agent)
    case .skill(let skill): skill.hashBytes(into: &hasher)
    }
  }
}

/// A transfer that was carried out. A repetition of it is known by its person and request id, within its session.
struct DoneTransfer: Sendable {
  var person: String
  var role: UserRole
  var requestID: String
  /// nil: carried out while the cluster was at level 1.
  var target: TransferSession.Target?

  func isRequest(_ id: String, by other: Person) -> Bool {
    role == other.role && requestID.hasSameBytes(as: id) && person.hasSameBytes(as: other.id)
  }
}

extension Session {
  /// What that person has done with that request.
  func transfer(by person: Person, _ requestID: String) -> DoneTransfer? {
    transfers.first { $0.isRequest(requestID, by: person) }
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
