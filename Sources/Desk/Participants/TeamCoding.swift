internal import Kernel

/// The team of a session in snapshots of level 9 and later.
extension Session {
  func encodeTeam(into writer: inout ByteWriter) {
    writer.write(UInt8(team == nil ? 0 : 1))
    guard let team else { return }
    writer.writeVarint(UInt64(team.invited.count))
    for invitation in team.invited {
      writer.write(string: invitation.agent.rawValue)
      writer.writeVarint(invitation.since)
    }
    writer.writeVarint(UInt64(team.watching.count))
    for watcher in team.watching {
      watcher.person.encode(into: &writer)
      writer.writeVarint(watcher.since)
    }
    team.notes.encode(into: &writer)
    team.done.encode(into: &writer)
  }

  /// - Parameter now: the state's time, which nothing can be above.
  mutating func decodeTeam(from reader: inout ByteReader, now: UInt64) throws(DecodingFailure) {
    switch try reader.readUInt8() {
    case 0: return
    case 1: break
    case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
    }
    var team = Team()
    for _ in 0..<(try reader.readCount(limit: Team.mostInvited, minimumElementSize: 2)) {
      let agent = AgentID(try reader.readString(limit: .max))
      guard !team.isInvited(agent), state != .active || !agents.contains(agent) else {
        throw .invalid("an agent takes part in a session twice")
      }
      team.invited.append(Team.Invitation(agent: agent, since: try Self.readTime(&reader, now)))
    }
    for _ in 0..<(try reader.readCount(limit: Team.mostWatching, minimumElementSize: 4)) {
      let person = try Person(from: &reader)
      guard person.supervises, !team.watches(person), state != .closed else {
        throw .invalid("somebody watches a session who cannot")
      }
      team.watching.append(Team.Watcher(person: person, since: try Self.readTime(&reader, now)))
    }
    team.notes = try NoteList(from: &reader, now: now)
    team.done = try DoneWindow(from: &reader)
    guard !team.isEmpty else { throw .invalid("a session keeps a team of nobody") }
    self.team = team
  }

  private static func readTime(_ reader: inout ByteReader, _ now: UInt64) throws(DecodingFailure) -> UInt64 {
    let time = try reader.readVarint()
    guard time <= now else { throw .invalid("somebody takes part in a session from the future on") }
    return time
  }
}
