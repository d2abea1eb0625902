import Glibc
import Raft

/// The transitions of Raft as lines of JSON in a file, for outside checkers. Gathered during a turn and written at its
/// end; what cannot be written is lost, and the node goes on.
///
/// Touched on the replica's thread alone.
final class TraceFile: @unchecked Sendable {
  private let descriptor: Int32
  private var lines = ""

  /// - Throws: `TraceFailure` when the file cannot be written.
  init(path: String) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      throw TraceFailure(
        description: "the trace \(path) cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  func add(_ event: TraceEvent) {
    lines += event.json
    lines += "\n"
  }

  func flush() {
    guard !lines.isEmpty else { return }
    lines.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
    lines.removeAll(keepingCapacity: true)
  }
}

struct TraceFailure: Error, CustomStringConvertible {
  var description: String
}
