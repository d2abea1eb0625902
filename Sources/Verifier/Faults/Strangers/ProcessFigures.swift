import Foundation

/// What the system says about a process.
enum ProcessFigures {
  /// Bytes of it that are in memory; nil: it is gone, or the system does not say.
  static func memory(of process: Int32) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
    return memory(in: text)
  }

  /// - Parameter status: of `/proc`.
  static func memory(in status: String) -> Int? {
    for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
    return nil
  }
}

/// How many files and connections a process may have.
enum OwnDescriptors {
  /// As many as the system allows: a crowd of hundreds is made of descriptors.
  /// - Returns: how many that is.
  @discardableResult
  static func raise() -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limit) == 0 else { return 256 }
    // More than this is asked by nothing here, and some systems take the infinite for an error.
    let wanted = min(limit.rlim_max, 65_536)
    if limit.rlim_cur < wanted {
      var raised = limit
      raised.rlim_cur = wanted
      if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }
}
