internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What the operating system says of this process. What it does not say is left out of the page.
struct ProcessFigures {
  var residentBytes: UInt64?
  var virtualBytes: UInt64?
  var processorSeconds: Double
  var openFiles: UInt64?
  var maximumFiles: UInt64?
  /// Seconds since 1970.
  var started: Double?
  var threads: UInt64?

  static func read() -> ProcessFigures {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    var figures = ProcessFigures(
      processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
    figures.maximumFiles = fileLimit()
    #if os(Linux)
      figures.openFiles = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map {
        UInt64($0.count)
      }
      figures.readStat()
    #endif
    return figures
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
  }

  private static func fileLimit() -> UInt64? {
    var limit = rlimit()
    #if canImport(Glibc)
      let failed = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0
    #else
      let failed = getrlimit(RLIMIT_NOFILE, &limit) != 0
    #endif
    return failed ? nil : UInt64(limit.rlim_cur)
  }

  #if os(Linux)
    /// Fields by their numbers in proc(5), counted behind the program's name, which may hold spaces.
    private mutating func readStat() {
      guard let stat = Self.text("/proc/self/stat"), let end = stat.lastIndex(of: ")") else { return }
      let fields = stat[stat.index(after: end)...].split(separator: " ")
      func field(_ number: Int) -> UInt64? { fields.count > number - 3 ? UInt64(fields[number - 3]) : nil }
      threads = field(20)
      virtualBytes = field(23)
      residentBytes = field(24).map { $0 * UInt64(sysconf(Int32(_SC_PAGESIZE))) }
      guard let ticks = field(22), let boot = Self.bootTime() else { return }
      started = boot + Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func bootTime() -> Double? {
      guard let stat = text("/proc/stat") else { return nil }
      let line = stat.split(separator: "\n").first { $0.hasPrefix("btime ") }
      return line.flatMap { Double($0.dropFirst(6)) }
    }

    private static func text(_ path: String) -> String? {
      guard let data = FileManager.default.contents(atPath: path) else { return nil }
      return String(decoding: data, as: UTF8.self)
    }
  #endif
}
