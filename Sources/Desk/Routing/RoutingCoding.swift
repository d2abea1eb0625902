internal import Kernel

/// What routing keeps of a desk, in snapshots of level 9 and later: the policies; what strategies remember, by line; and which agents
/// have somebody to serve whom an entry had no room to give. Who waits where follows from the sessions.
extension DeskState {
  func encodeRouting(into writer: inout ByteWriter) {
    policies.encode(into: &writer)
    var lines: [(skill: TextKey, line: WaitingLine)] = []
    for shard in lineTable.shards {
      for (skill, line) in zip(shard.keys, shard.values)
      where line.turns != nil || !line.smooth.isEmpty || !line.forecast.isEmpty {
        lines.append((skill, line))
      }
    }
    lines.sort { $0.skill < $1.skill }
    writer.writeVarint(UInt64(lines.count))
    for (skill, line) in lines {
      writer.write(string: skill.text)
      writer.write(UInt8(line.turns == nil ? 0 : 1))
      line.turns?.encode(into: &writer)
      writer.writeVarint(UInt64(line.smooth.count))
      for robin in line.smooth { robin.encode(into: &writer) }
      line.forecast.encode(into: &writer)
    }
    writer.writeVarint(UInt64(unserved.count))
    for agent in unserved.elements.map(\.agent).sorted() { writer.write(string: agent.rawValue) }
  }

  /// - Returns: the agents who have somebody to serve, to be entered when their chats are known.
  mutating func decodeRouting(from reader: inout ByteReader) throws(DecodingFailure) -> [AgentID] {
    policies = try PolicyTable(from: &reader, now: now, pieces: sessionTable.shards.count)
    for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 3)) {
      let skill = TextKey(try reader.readString(limit: .max))
      var line = lineTable[skill] ?? WaitingLine()
      switch try reader.readUInt8() {
      case 0: break
      case 1: line.turns = try RoundRobin(from: &reader, now: now)
      case let other: throw .invalid("a flag is \(other), neither 0 nor 1")
      }
      for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 2)) {
        let robin = try SmoothRobin(from: &reader)
        if line.smooth.contains(where: { $0.version == robin.version }) {
          throw .invalid("a line has two turns of one policy")
        }
        line.smooth.append(robin)
      }
      line.forecast = try LineForecast(from: &reader)
      guard line.forecast.isEmpty || line.pace.lastAssignment != nil else {
        throw .invalid("a line has learned from nobody who was served")
      }
      if line.forecast.hasLearned { learningLines += 1 }
      lineTable.set(skill, to: line)
    }
    var agents: [AgentID] = []
    for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 1)) {
      agents.append(AgentID(try reader.readString(limit: .max)))
    }
    return agents
  }

  mutating func listUnserved(_ agents: [AgentID]) throws(DecodingFailure) {
    for agent in agents {
      guard let load = agentTable.read(agent, { $0.isAvailable ? $0.load(at: level) : nil }) ?? nil,
        unserved.insert(load)
      else { throw .invalid("an agent without room has somebody to serve") }
    }
  }
}
