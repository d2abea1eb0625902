internal import Kernel

/// What an admin of the cluster decides for a desk.
package struct DeskSettings: Hashable, Sendable {
  package var name: DeskName
  /// Whether customers may open sessions. Those that are open go on.
  package var isOpen: Bool
  /// Sessions that are not closed, at the most; 0: no limit but those of the nodes.
  package var sessions: UInt32
  /// Agents that it ever knows, at the most; 0: no limit.
  package var agents: UInt32

  package init(_ name: DeskName, isOpen: Bool = true, sessions: UInt32 = 0, agents: UInt32 = 0) {
    (self.name, self.isOpen, self.sessions, self.agents) = (name, isOpen, sessions, agents)
  }

  static let main = DeskSettings(.main)

  /// - Parameter counts: of the sessions that there are.
  /// - Returns: why there is no room for another session; nil: there is.
  func refusal(ofSessionBeside counts: SessionCounts) -> Refusal? {
    guard isOpen else { return .deskClosed }
    return sessions > 0 && counts.active + counts.queued >= Int(sessions) ? .deskFull : nil
  }

  func hasRoom(forAgents count: Int) -> Bool { agents == 0 || count < Int(agents) }
}

extension DeskSettings {
  static let minimumEncodedSize = 5

  func encode(into writer: inout ByteWriter) {
    writer.write(string: name.text)
    writer.write(UInt8(isOpen ? 1 : 0))
    writer.writeVarint(UInt64(sessions))
    writer.writeVarint(UInt64(agents))
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    guard let name = DeskName(try reader.readString(limit: DeskName.mostBytes)) else {
      throw .invalid("a desk has a name that none can have")
    }
    let flag = try reader.readUInt8()
    guard flag < 2 else { throw .invalid("a flag is \(flag), neither 0 nor 1") }
    guard let sessions = UInt32(exactly: try reader.readVarint()),
      let agents = UInt32(exactly: try reader.readVarint())
    else { throw .invalid("a limit of a desk is above 32 bits") }
    self.init(name, isOpen: flag == 1, sessions: sessions, agents: agents)
  }
}
