internal import Kernel

extension ReplicatedState {
  /// From here on lines are in the order of level 9. In the one entry that raises the level: what orders a line is one thing.
  mutating func reorderLines() {
    for number in [DeskNumber.main] + others.filter({ !$0.isVacant }).map(\.number) {
      change(number, evenDeleted: true) { $0.reorderLines() }
    }
  }
}

extension DeskState {
  fileprivate mutating func reorderLines() {
    unservedLines = RankedSet()
    for skill in lineTable.sortedKeys {
      let places = lineTable.read(skill) { $0.waiting.elements.map(\.session) } ?? []
      let sorted = places.compactMap { session($0)?.queuePlace(at: level) }.sorted()
      _ = lineTable.update(skill) { line in
        (line.waiting, line.available) = (RankedSet(), RankedSet())
        line.waiting.merge(ascending: sorted)
      }
    }
    let ids = agentTable.sortedKeys
    for id in ids {
      guard let standing = agentTable.read(id, { AgentStanding($0, at: level) }) else { continue }
      for line in standing.lines {
        changeLine(line) { line in
          if standing.isAvailable { line.insert(standing.load) }
          if standing.isOnline { line.comes(withRoomFor: standing.capacity) }
        }
      }
    }
    for id in ids { noteUnserved(id) }
  }
}
