internal import Desk
internal import Kernel
internal import NIOCore
internal import Wire

/// Cuts a byte stream into frames. Payloads are slices of what was read: nothing is copied, but for the part of a
/// frame whose rest is still under way.
struct FrameParser {
  /// The largest payload. A header that announces more is refused before anything of its payload is kept.
  var limit: Int
  private var unread = ByteBuffer()
  /// Read, while its payload is not all there.
  private var header: FrameHeader?
  /// The time in the header of the frame that was given last; in a greeting it says something else.
  private(set) var timestamp: UInt64 = 0

  init(limit: Int) {
    self.limit = limit
  }

  mutating func append(_ bytes: consuming ByteBuffer) {
    if unread.readableBytes == 0 {
      unread = bytes
    } else {
      unread.discardReadBytes()
      unread.writeBuffer(&bytes)
    }
  }

  /// - Returns: the next frame, or nil when more bytes are needed. Frames of a type that this build does not know are
  ///   passed over: a newer peer has sent them.
  /// - Throws: `DecodingFailure` for a header that is not acceptable. The stream is of no use from then on.
  mutating func next() throws(DecodingFailure) -> (type: FrameType, payload: ByteBuffer)? {
    while true {
      if header == nil {
        guard let read = try FrameHeader.read(from: &unread) else { return nil }
        guard Int(read.length) <= limit else {
          throw .invalid("a frame announces \(read.length) bytes, and the limit is \(limit)")
        }
        header = read
      }
      guard let header, let payload = unread.readSlice(length: Int(header.length)) else { return nil }
      self.header = nil
      guard let type = header.type else { continue }
      timestamp = header.timestamp
      return (type, payload)
    }
  }

  /// To be called when `next` has given nil: memory of bytes that were all read is not held on to.
  mutating func release() {
    if unread.readableBytes == 0 { unread = ByteBuffer() }
  }
}
