import Glibc

enum TimeText {
  /// RFC 3339 in UTC with milliseconds.
  static func rfc3339(_ milliseconds: UInt64) -> String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let written = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let text = String(decoding: buffer[..<written].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fraction = String(milliseconds % 1_000)
    return text + "." + String(repeating: "0", count: 3 - fraction.count) + fraction + "Z"
  }
}
