import Kernel
import NIOCore

/// Memory for frames, used again and again. A few pieces per loop: a connection owns none between two turns.
struct BufferPool {
  private static let limit = 64
  private static let largest = 16 * 1024

  private var buffers: [ByteBuffer] = []
  private var writers: [ByteWriter] = []

  /// For the frames of one connection in one turn, or for a frame that goes to many.
  mutating func takeWriter() -> ByteWriter {
    guard var writer = writers.popLast() else { return ByteWriter(reservingCapacity: 1024) }
    writer.clear()
    return writer
  }

  mutating func give(_ writer: ByteWriter) {
    let room = writer.bytes.capacity
    guard writers.count < Self.limit, room > 0, room <= Self.largest else { return }
    writers.append(writer)
  }

  /// A buffer with these bytes, for a channel.
  mutating func buffer(with bytes: [UInt8]) -> ByteBuffer {
    while var buffer = buffers.popLast() {
      // A buffer that waits in a channel still is left to it.
      guard buffer.modifyIfUniquelyOwned({ $0.clear() }) != nil else { continue }
      buffer.writeBytes(bytes)
      return buffer
    }
    var buffer = ByteBufferAllocator().buffer(capacity: max(bytes.count, 1024))
    buffer.writeBytes(bytes)
    return buffer
  }

  mutating func give(_ buffer: ByteBuffer) {
    guard buffers.count < Self.limit, buffer.capacity > 0, buffer.capacity <= Self.largest else { return }
    buffers.append(buffer)
  }
}
