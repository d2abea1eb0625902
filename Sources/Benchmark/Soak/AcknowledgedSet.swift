import Kernel

/// Messages, whatever order they come in: two sets with the same count and hash have the same messages. Takes 16 bytes for any
/// number of them, so that a run of hours can be compared with what an archive has.
struct AcknowledgedSet: Equatable, Sendable {
  private(set) var count = 0
  private(set) var hash: UInt64 = 0

  /// - Parameters:
  ///   - session: as text.
  ///   - id: of the message, as its sender has given it.
  mutating func add(session: String, id: String, body: some Collection<UInt8>) {
    let key = CRC32C.checksum(Array(id.utf8), continuing: CRC32C.checksum(Array(session.utf8)))
    let row = UInt64(CRC32C.checksum(Array(body), continuing: key)) << 32 | UInt64(key)
    // Their order does not count, and one that is there twice does.
    hash &+= (row ^ row >> 29) &* 0x9E37_79B9_7F4A_7C15
    count += 1
  }
}
