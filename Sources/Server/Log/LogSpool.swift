import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lines of the log on their way to a file or a pipe. Whoever logs never waits for the one who reads: the node's thread
/// would stand still with a pipe that nobody empties. Lines that find no room are dropped and counted, and the log says
/// how many as soon as it is read again.
package final class LogSpool: Sendable {
  /// What may wait, in bytes.
  package static let mostBytes = 4 << 20

  private struct State {
    var waiting: [UInt8] = []
    var isWriting = false
    /// Lines since the last that was written.
    var lost = 0
    var lostInAll = 0
  }

  private let descriptor: CInt
  private let mostBytes: Int
  private let notice: @Sendable (_ lost: Int) -> String
  private let state = Mutex(State())
  /// One thread at a time writes; there is none while nothing waits.
  private let writer = DispatchQueue(label: "log")

  /// - Parameters:
  ///   - descriptor: stays the caller's.
  ///   - mostBytes: what may wait.
  ///   - notice: a whole line that says how many lines were lost.
  package init(
    descriptor: CInt, mostBytes: Int = LogSpool.mostBytes, notice: @escaping @Sendable (_ lost: Int) -> String
  ) {
    self.descriptor = descriptor
    self.mostBytes = mostBytes
    self.notice = notice
  }

  /// Lines that were dropped since the process began.
  package var lost: Int { state.withLock { $0.lostInAll } }

  /// - Parameter line: with its end.
  package func write(_ line: String) {
    let begins = state.withLock { state -> Bool in
      guard state.waiting.count + line.utf8.count <= mostBytes else {
        state.lost += 1
        state.lostInAll += 1
        return false
      }
      state.waiting.append(contentsOf: line.utf8)
      guard !state.isWriting else { return false }
      state.isWriting = true
      return true
    }
    if begins { writer.async { self.drain() } }
  }

  /// Waits until everything is written that was said before, at most so long.
  package func flush(within seconds: Double) {
    let isDone = DispatchSemaphore(value: 0)
    writer.async { isDone.signal() }
    _ = isDone.wait(timeout: .now() + seconds)
  }

  private func drain() {
    while true {
      let (batch, lost) = state.withLock { state -> ([UInt8], Int) in
        var batch: [UInt8] = []
        swap(&batch, &state.waiting)
        let lost = state.lost
        state.lost = 0
        if batch.isEmpty, lost == 0 { state.isWriting = false }
        return (batch, lost)
      }
      if batch.isEmpty, lost == 0 { return }
      let written = put(batch)
      if written < batch.count {
        let dropped = batch[written...].count { $0 == UInt8(ascii: "\n") }
        state.withLock { $0.lostInAll += dropped }
      }
      if lost > 0 { _ = put(Array(notice(lost).utf8)) }
    }
  }

  /// - Returns: how many bytes were written; fewer when nobody can read them any more.
  private func put(_ bytes: [UInt8]) -> Int {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { systemWrite($0.baseAddress.map { $0 + done }, bytes.count - done) }
      if written >= 0 {
        done += written
      } else if errno == EAGAIN {
        // Somebody has made the pipe one that does not wait.
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = systemPoll(&poll)
      } else if errno != EINTR {
        return done
      }
    }
    return done
  }

  private func systemWrite(_ start: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, start, count)
    #else
      Darwin.write(descriptor, start, count)
    #endif
  }

  private func systemPoll(_ wanted: inout pollfd) -> CInt { poll(&wanted, 1, 1000) }
}
