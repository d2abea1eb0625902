import Desk
import Kernel
import Protocol

/// What the node does about its memory.
extension Node {
  /// Twice a second.
  mutating func watchMemory() {
    switch memory.look(surroundings.usedMemory) {
    case .short:
      memoryShortSince = now
      note(
        .error,
        "memory is short: this node takes no new sessions and messages; give it more, or raise limits.memory_bytes",
        ("used", "\(memory.used)"), ("limit", "\(memory.high)"))
    case .roomAgain:
      note(
        .notice, "memory is no longer short: this node takes new sessions and messages",
        ("used", "\(memory.used)"))
    case nil: break
    }
    guard memory.isShort, memoryTrimmedAt.map({ now - $0 > .seconds(10) }) ?? true else { return }
    memoryTrimmedAt = now
    // What was freed is otherwise kept by the allocator, and would count for ever.
    output.givesBackMemory = true
  }

  /// What stands against new work for lack of memory. Clients are sent elsewhere only where a node has said that it has
  /// some: all keep the same, so others may be no better off.
  func memoryFailure(_ command: Command) -> Failure? {
    guard memory.isShort, command.takesMemory else { return nil }
    return Failure(
      .busy, "this node is short of memory and takes nothing new; try again, or another node",
      retryAfterMilliseconds: 2_000)
  }
}

extension Command {
  /// Whether the state grows by it for good.
  var takesMemory: Bool {
    switch self {
    case .open, .send: true
    // Whoever deletes a desk makes room.
    case .govern(let envelope): envelope.record.operation == CreateDesk.number
    case .perform(let envelope): Operations.ofSessions[envelope.operation]?.takesMemory ?? false
    case .setStatus, .endPresences, .serverLost, .timePasses, .dropMonths, .raiseLevel, .attend, .arrange,
      .noteRead, .annotate:
      false
    }
  }
}
