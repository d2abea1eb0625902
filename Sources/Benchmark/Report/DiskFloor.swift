#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// What this machine's disk takes for one small durable write, measured beside: no acknowledgement that a quorum has on
/// disk can be faster.
enum DiskFloor {
  /// Appends and syncs 4 KiB again and again.
  ///
  /// - Returns: no times when nothing can be written there.
  static func measure(in directory: String, rounds: Int = 300) -> Latencies {
    var latencies = Latencies()
    let path = directory + "/floor"
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { return latencies }
    defer {
      close(file)
      unlink(path)
    }
    let block = [UInt8](repeating: 7, count: 4096)
    // Room is claimed before, as a log does.
    guard posix_fallocate(file, 0, off_t(rounds * block.count)) == 0 else { return latencies }
    for round in 0..<rounds {
      let began = Crowd.now()
      guard pwrite(file, block, block.count, off_t(round * block.count)) == block.count, fdatasync(file) == 0
      else { return latencies }
      latencies.add(Crowd.now() - began)
    }
    return latencies
  }
}
