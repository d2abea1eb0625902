import NIOCore

/// Buffers for frames, used again as soon as the channel that wrote them holds them no longer. A few per loop: a
/// connection owns none between two turns.
struct BufferPool {
  private static let limit = 64
  private static let largest = 16 * 1024

  private var buffers: [ByteBuffer] = []

  mutating func take() -> ByteBuffer {
    while var buffer = buffers.popLast() {
      // A buffer that waits in a channel still is left to it.
      if buffer.modifyIfUniquelyOwned({ $0.clear() }) != nil { return buffer }
    }
    return ByteBufferAllocator().buffer(capacity: 1024)
  }

  mutating func give(_ buffer: ByteBuffer) {
    guard buffers.count < Self.limit, buffer.capacity > 0, buffer.capacity <= Self.largest else { return }
    buffers.append(buffer)
  }
}
