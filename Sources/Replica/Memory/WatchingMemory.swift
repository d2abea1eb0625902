import Desk
import Glibc
import Logging
import NIOCore
import NIOPosix
internal import Protocol

/// What the node does about its memory.
extension ReplicaCore {
  /// Twice a second.
  func watchMemory() { takeMemory(ResidentMemory.read()) }

  /// - Parameter used: bytes of this process in memory.
  func takeMemory(_ used: Int?) {
    switch memory.look(used) {
    case .short:
      memoryShortSince = now
      logger.error(
        "memory is short: this node takes no new sessions and messages; give it more, or raise limits.memory_bytes",
        metadata: ["used": "\(memory.used)", "limit": "\(memory.high)"])
    case .roomAgain:
      logger.notice(
        "memory is no longer short: this node takes new sessions and messages",
        metadata: ["used": "\(memory.used)"])
    case nil: break
    }
    guard memory.isShort, now - memoryTrimmedAt > .seconds(10) else { return }
    memoryTrimmedAt = now
    // What was freed is otherwise kept by the allocator, and would count for ever.
    NIOThreadPool.singleton.submit { state in
      if state == .active { ResidentMemory.giveBack() }
    }
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
    default: false
    }
  }
}

/// What the system says of this process.
enum ResidentMemory {
  /// Bytes; nil where the system does not say.
  static func read() -> Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 256)
    guard fgets(&buffer, 256, file) != nil else { return nil }
    // Pages: all, then those that are in memory.
    let fields = buffer.prefix { $0 != 0 }.split(separator: CChar(32))
    guard fields.count > 1,
      let pages = Int(String(decoding: fields[1].map { UInt8(bitPattern: $0) }, as: UTF8.self))
    else { return nil }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Asks the allocator, where it can do so, to give the system what is free.
  static func giveBack() {
    typealias Trim = @convention(c) (Int) -> CInt
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: Trim.self)(0)
  }
}
