package import Kernel

/// What an archive has of the team of a session. In no answer that lists sessions: customers get those as well.
package struct ArchivedTeam: Hashable, Sendable {
  /// Who was invited at the end, as well as whoever served.
  package var invited: [AgentID]
  package var notes: NoteList

  package init(invited: [AgentID], notes: NoteList) { (self.invited, self.notes) = (invited, notes) }

  /// About what it takes in memory, in bytes.
  var bytes: Int { invited.count * 64 + notes.list.reduce(0) { $0 + $1.size + 256 } }
}

extension Session {
  /// nil: nothing of it is worth keeping.
  var archivedTeam: ArchivedTeam? {
    guard let team, !team.invited.isEmpty || !team.notes.isEmpty else { return nil }
    return ArchivedTeam(invited: team.invited.map(\.agent), notes: team.notes)
  }
}

extension ArchivedSession {
  /// Behind the fields, of which none has this number.
  private static let teamNumber: UInt64 = 1_000

  /// What archives keep of it, for ever: its fields, and behind them its team. Where it has none the bytes are those that there
  /// always were.
  package var stored: [UInt8] {
    let bytes = Self.fields.encode(self)
    guard let team else { return bytes }
    var inner = ByteWriter()
    inner.writeVarint(UInt64(team.invited.count))
    for agent in team.invited { inner.write(string: agent.rawValue) }
    inner.writeVarint(UInt64(team.notes.list.count))
    for note in team.notes.list { inner.write(bytes: Note.fields.encode(note)) }
    var writer = ByteWriter(reservingCapacity: bytes.count + inner.bytes.count + 16)
    writer.write(raw: bytes)
    writer.writeVarint(Self.teamNumber)
    writer.write(bytes: inner.bytes)
    return writer.bytes
  }

  /// - Throws: `DecodingFailure` for bytes that `stored` has not made.
  package init(stored bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      let start = reader.offset
      let number = try reader.readVarint()
      let value = try reader.readBytes(limit: .max)
      guard number == Self.teamNumber else { continue }
      guard reader.isAtEnd else { throw .invalid("a row has something behind the team of its session") }
      self = try Self.fields.decode(Array(bytes[..<start]))
      team = try ArchivedTeam(value)
      return
    }
    self = try Self.fields.decode(bytes)
  }
}

extension ArchivedTeam {
  fileprivate init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    var invited: [AgentID] = []
    for _ in 0..<(try reader.readCount(limit: Team.mostInvited, minimumElementSize: 1)) {
      invited.append(AgentID(try reader.readString(limit: .max)))
    }
    var notes: [Note] = []
    for _ in 0..<(try reader.readCount(limit: NoteList.most, minimumElementSize: 8)) {
      notes.append(try Note.fields.decode(try reader.readBytes(limit: .max)))
    }
    guard reader.isAtEnd else { throw .invalid("the team of a session has bytes that mean nothing") }
    self.init(invited: invited, notes: try NoteList(notes))
  }
}
