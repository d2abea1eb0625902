import Foundation

/// How much memory this process may have: that of the machine, or less where its control group says so.
package enum MachineMemory {
  /// Bytes; 0 where nothing is known.
  package static func bytes() -> Int {
    let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    let limits = files.compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }.compactMap(limit)
    return ([machine] + limits).filter { $0 > 0 }.min() ?? 0
  }

  /// - Returns: nil for no limit: "max", or a number that no machine has.
  static func limit(_ text: String) -> Int? {
    guard let value = Quantity.integer(text.trimmingCharacters(in: .whitespacesAndNewlines)), value > 0,
      value < 1 << 50
    else { return nil }
    return value
  }
}
