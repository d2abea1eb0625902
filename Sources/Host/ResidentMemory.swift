import Glibc

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
