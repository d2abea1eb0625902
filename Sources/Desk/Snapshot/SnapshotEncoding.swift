internal import Kernel

/// The state as bytes.
///
/// "SWBD", version (2 bytes), from version 4 on the level (2 bytes) and the first release that reads it (a string);
/// time (8 bytes); the agents, sorted by id; the pace of each skill, sorted; the sessions,
/// shard by shard and sorted inside; the lives of the servers, sorted; from level 2 on the running digest (8 bytes); from level 4 on what was done of
/// late in the cluster, and the other desks by their numbers, each with its settings and all that the main one has. Only what cannot be worked out is written:
/// waiting lines, agents' chats, ownership, message ids and all counts follow from the sessions.
///
/// Version 1 had no deadlines of agents, no times since when sessions wait, and no lives of servers. Version 2 did not
/// know which transfers were carried out. Version 3 is what a cluster at level 1 writes, for its members of the previous
/// release read nothing newer; version 4 is written from level 2 on, and its level says what else is in it.
extension ReplicatedState {
  static let snapshotMagic: [UInt8] = Array("SWBD".utf8)
  /// The newest that is read, and written from level 2 on.
  package static let snapshotVersion: UInt16 = 4
  /// What a cluster at level 1 writes.
  static let firstLevelVersion: UInt16 = 3
  /// Gives the snapshot piece by piece, so that it never is in memory as a whole. Equal states give equal bytes.
  /// - Parameter write: takes the pieces in order; what it throws ends the encoding and is thrown on.
  package func encodeSnapshot<Failure: Error>(
    into write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    var writer = ByteWriter(reservingCapacity: ByteWriter.pieceSize * 5 / 4)
    writer.write(raw: Self.snapshotMagic)
    if level == .first {
      writer.write(Self.firstLevelVersion)
    } else {
      writer.write(Self.snapshotVersion)
      writer.write(level.rawValue)
      writer.write(string: level.release ?? "")
    }
    writer.write(now)

    try main.encode(into: &writer, level: level, flush: write)
    writer.writeVarint(UInt64(lifeTable.count))
    for server in lifeTable.keys.sorted() {
      writer.writeVarint(server.rawValue)
      writer.write(lifeTable[server] ?? 0)
    }
    if level >= .second { writer.write(running.value) }
    if level >= .fourth {
      done.encode(into: &writer)
      main.settings.encode(into: &writer)
      writer.writeVarint(UInt64(lastNumber.rawValue))
      let inUse = others.filter { !$0.isVacant }
      writer.writeVarint(UInt64(inUse.count))
      for desk in inUse {
        writer.writeVarint(UInt64(desk.number.rawValue))
        desk.settings.encode(into: &writer)
        writer.write(UInt8(desk.isDeleted ? 1 : 0))
        try desk.encode(into: &writer, level: level, flush: write)
      }
    }
    if level >= .seventh {
      servers.erasures.encode(into: &writer)
      servers.retention.encode(into: &writer)
    }
    try writer.flush(atLeast: 1, into: write)
  }

  /// The snapshot in one piece.
  package func encodedSnapshot() -> [UInt8] {
    var all: [UInt8] = []
    encodeSnapshot { all.append(contentsOf: $0) }
    return all
  }
}

extension DeskState {
  /// - Parameter write: takes full pieces.
  fileprivate func encode<Failure: Error>(
    into writer: inout ByteWriter, level: Level, flush write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    writer.writeVarint(UInt64(agentTable.count))
    for id in agentTable.sortedKeys {
      _ = agentTable.read(id) { $0.encode(into: &writer, level: level) }
      try writer.flush(atLeast: ByteWriter.pieceSize, into: write)
    }
    var paces: [(skill: TextKey, pace: Pace)] = []
    for shard in lineTable.shards {
      for (skill, line) in zip(shard.keys, shard.values) where line.pace.lastAssignment != nil {
        paces.append((skill, line.pace))
      }
    }
    paces.sort { $0.skill < $1.skill }
    writer.writeVarint(UInt64(paces.count))
    for (skill, pace) in paces {
      writer.write(string: skill.text)
      pace.encode(into: &writer)
      try writer.flush(atLeast: ByteWriter.pieceSize, into: write)
    }
    if level >= VirtualArrival.since { encodeRouting(into: &writer) }
    writer.writeVarint(UInt64(sessionTable.count))
    for shard in sessionTable.shards {
      for id in shard.keys.sorted() {
        shard[id]?.encode(into: &writer, level: level)
        try writer.flush(atLeast: ByteWriter.pieceSize, into: write)
      }
    }
    if level >= .sixth { done.encode(into: &writer) }
    if level >= .eighth { audit.encode(into: &writer) }
    if level >= BusinessHours.since { calendars.encode(into: &writer) }
    if level >= TimerRules.since { timerRules.encode(into: &writer) }
  }
}

extension ByteWriter {
  /// A piece is handed on when it is at least this large, in bytes.
  fileprivate static let pieceSize = 256 << 10

  fileprivate mutating func flush<Failure: Error>(
    atLeast size: Int, into write: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    guard bytes.count >= size else { return }
    try write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}
