#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's limit of open files for this process.
enum DescriptorLimit {
  /// More than any node needs; some systems say billions.
  static let most: UInt64 = 1 << 20

  /// Raises the soft limit to the hard one, which needs no rights.
  /// - Returns: what holds now.
  static func raise() -> Int {
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 1024 }
    let wanted = min(UInt64(limit.rlim_max), most)
    if UInt64(limit.rlim_cur) < wanted {
      var raised = limit
      raised.rlim_cur = rlim_t(wanted)
      if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(min(UInt64(limit.rlim_cur), most))
  }
}
