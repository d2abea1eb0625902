import Kernel
import NIOCore

/// Memory for frames, used again and again. A few pieces per loop: a connection owns none between two turns.
struct BufferPool {
  private static let limit = 64
  private static let largest = 16 * 1024

  private var buffers: [ByteBuffer] = []
  private var frames: [FrameBuffer] = []

  /// For the frames of one connection in one turn, or for a frame that goes to many.
  mutating func takeFrames() -> FrameBuffer {
    guard var buffer = frames.popLast() else { return FrameBuffer(capacity: 1024) }
    buffer.clear()
    return buffer
  }

  mutating func give(_ buffer: FrameBuffer) {
    guard frames.count < Self.limit, buffer.capacity > 0, buffer.capacity <= Self.largest else { return }
    frames.append(buffer)
  }

  /// A buffer with these frames, for a channel.
  mutating func buffer(with frames: FrameBuffer) -> ByteBuffer {
    while var buffer = buffers.popLast() {
      // A buffer that waits in a channel still is left to it.
      guard buffer.modifyIfUniquelyOwned({ $0.clear() }) != nil else { continue }
      frames.withUnsafeBytes { _ = buffer.writeBytes($0) }
      return buffer
    }
    var buffer = ByteBufferAllocator().buffer(capacity: max(frames.count, 1024))
    frames.withUnsafeBytes { _ = buffer.writeBytes($0) }
    return buffer
  }

  mutating func give(_ buffer: ByteBuffer) {
    guard buffers.count < Self.limit, buffer.capacity > 0, buffer.capacity <= Self.largest else { return }
    buffers.append(buffer)
  }
}
