internal import NIOCore
internal import Wire

/// Frames of one connection that were not yet handed to the channel: one after another in one buffer, which then
/// leaves in one write.
struct FrameQueue {
  /// The buffer is kept for the next turn up to this capacity.
  private static let keptCapacity = 1 << 20

  private var buffer = ByteBuffer()
  /// The buffer was handed out: its bytes may still be in use by the channel.
  private var wasTaken = false

  var byteCount: Int { wasTaken ? 0 : buffer.readableBytes }

  /// Appends a frame.
  /// - Parameters:
  ///   - limit: the largest payload.
  ///   - timestamp: in the header; nil: the time of day.
  ///   - room: bytes that header and payload may take together; nil: no bound but `limit`.
  ///   - write: appends the payload, and nothing else, to the buffer.
  /// - Returns: false, and nothing is kept, when the frame is too large.
  mutating func append(
    _ type: FrameType, timestamp: UInt64? = nil, limit: Int, room: Int?, _ write: (inout ByteBuffer) -> Void
  ) -> Bool {
    if wasTaken {
      wasTaken = false
      // Not unique while the channel still writes it: a new one is made then.
      if buffer.capacity > Self.keptCapacity { buffer = ByteBuffer() } else { buffer.clear() }
    }
    let start = buffer.writerIndex
    FrameHeader(length: 0, type: type, timestamp: timestamp ?? WallClock.system()).write(into: &buffer)
    write(&buffer)
    let payload = buffer.writerIndex - start - FrameHeader.byteCount
    guard payload <= limit, payload + FrameHeader.byteCount <= room ?? .max else {
      buffer.moveWriterIndex(to: start)
      return false
    }
    FrameHeader.setLength(UInt32(payload), at: start, in: &buffer)
    return true
  }

  /// All frames that were appended since the last time.
  mutating func take() -> ByteBuffer {
    wasTaken = true
    return buffer
  }
}
