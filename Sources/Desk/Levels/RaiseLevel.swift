package import Kernel

/// From here on the cluster writes what is new at that level. Given by the leader alone, once every member has
/// announced that it reads the level; one that is not above the cluster's changes nothing.
package struct RaiseLevel: Hashable, Sendable {
  package var level: Level
  /// The first release that reads the level: in the log, so that a build which does not know the level can say what
  /// is needed.
  package var release: String
  package init(level: Level, release: String) {
    self.level = level
    self.release = release
  }

  package init(_ level: Level) {
    self.init(level: level, release: level.release ?? "")
  }
}

extension ReplicatedState {
  mutating func apply(_ raise: RaiseLevel, into effects: inout [Effect]) -> Answer {
    guard raise.level > level else { return .done }
    let before = level
    level = raise.level
    if before < VirtualArrival.since, level >= VirtualArrival.since { reorderLines() }
    effects.append(.levelRaised(raise.level))
    return .done
  }
}
