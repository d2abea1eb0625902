import Foundation

/// Lines of standard input, from a terminal or from a pipe. Reading blocks, so a thread of its own does it; it reads
/// ahead by a few lines only.
struct LineReader: Sendable {
  private let lines: AsyncStream<String>
  private let room: DispatchSemaphore

  init(readAhead: Int = 256) {
    let (stream, continuation) = AsyncStream.makeStream(of: String.self)
    // A semaphore must not go below the value it began with, so it begins at none.
    let room = DispatchSemaphore(value: 0)
    for _ in 0..<readAhead { room.signal() }
    lines = stream
    self.room = room
    let thread = Thread {
      while true {
        room.wait()
        guard let line = readLine(strippingNewline: true) else { break }
        continuation.yield(line)
      }
      continuation.finish()
    }
    thread.name = "standard input"
    thread.start()
  }

  /// - Parameter take: is called for each line; false ends the reading.
  func forEach(_ take: (String) async throws -> Bool) async throws {
    for await line in lines {
      room.signal()
      guard try await take(line) else { return }
    }
  }
}
