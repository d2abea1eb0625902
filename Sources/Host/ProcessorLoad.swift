import Glibc
import NIOCore

/// The share of one core that this process used between two looks.
struct ProcessorLoad {
  private var lastUsed = 0.0
  private var lastLook = NIODeadline.now()
  private(set) var share = 0.0

  mutating func look(_ now: NIODeadline) {
    var usage = rusage()
    guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return }
    let used =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    let elapsed = Double((now - lastLook).nanoseconds) / 1e9
    if elapsed > 0.1 {
      share = max(0, (used - lastUsed) / elapsed)
      lastUsed = used
      lastLook = now
    }
  }
}
