import Foundation

/// The bytes of standard input, from a terminal or from a pipe. Reading blocks, so a thread of its own does it; it reads
/// ahead by a few pieces only.
struct InputReader: Sendable {
  let pieces: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private let room: DispatchSemaphore

  init(readAhead: Int = 16) {
    (pieces, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    // A semaphore must not go below the value it began with, so it begins at none.
    room = DispatchSemaphore(value: 0)
    for _ in 0..<readAhead { room.signal() }
  }

  func start() {
    let thread = Thread { [room, continuation] in
      var buffer = [UInt8](repeating: 0, count: 16_384)
      while true {
        room.wait()
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 {
          continuation.yield(Array(buffer[..<count]))
        } else if count < 0, errno == EINTR || errno == EAGAIN {
          var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
          poll(&wanted, 1, 1000)
          room.signal()
        } else {
          break
        }
      }
      continuation.finish()
    }
    thread.name = "standard input"
    thread.start()
  }

  /// A piece is dealt with.
  func taken() { room.signal() }

  /// The terminal has another size: what is drawn is to be drawn anew.
  func nudge() { continuation.yield([]) }

  /// Whoever waits for the next piece waits no longer.
  func stop() { continuation.finish() }

  /// Whether nobody can write any more, though not all may have been read.
  static var isClosed: Bool {
    // What has a place to read from is a file.
    if lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0 { return true }
    var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&wanted, 1, 0) > 0 && wanted.revents & Int16(POLLHUP) != 0
  }
}
