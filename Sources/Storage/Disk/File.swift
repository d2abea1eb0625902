import Glibc

/// An open file, closed with its last reference. Reads and writes are at given offsets, so that threads may share
/// one.
final class File: Sendable {
  let descriptor: Int32
  let path: String

  enum Mode {
    case read
    /// Must exist.
    case update
    /// Made anew; what was there under the name is gone.
    case create
    /// Made when it is not there, and kept as it is otherwise.
    case open
  }

  init(_ path: String, _ mode: Mode) throws(StoreError) {
    let flags: Int32 =
      switch mode {
      case .read: O_RDONLY
      case .update: O_RDWR
      case .create: O_RDWR | O_CREAT | O_TRUNC
      case .open: O_RDWR | O_CREAT
      }
    descriptor = opening({ Glibc.open(path, flags | O_CLOEXEC, 0o640) }, isFailure: { $0 < 0 })
    self.path = path
    guard descriptor >= 0 else { throw .io(operation: "open", file: path, code: errno) }
  }

  deinit { _ = Glibc.close(descriptor) }

  func size() throws(StoreError) -> UInt64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .io(operation: "stat", file: path, code: errno) }
    return UInt64(max(0, status.st_size))
  }

  /// All of `bytes`, however many calls it takes.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
    var done = 0
    while done < bytes.count {
      let rest = bytes.count - done
      let position = bytes.baseAddress.map { $0 + done }
      let written = retrying { pwrite(descriptor, position, rest, off_t(offset) + off_t(done)) }
      guard written > 0 else {
        throw .io(operation: "write", file: path, code: written == 0 ? ENOSPC : errno)
      }
      done += written
    }
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(StoreError) {
    try withBytes(of: bytes) { (buffer) throws(StoreError) in try write(buffer, at: offset) }
  }

  /// Fills `buffer` from `offset` on, as far as the file goes; gives the number of bytes.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StoreError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = buffer.count - done
      let position = buffer.baseAddress.map { $0 + done }
      let count = retrying { pread(descriptor, position, rest, off_t(offset) + off_t(done)) }
      guard count >= 0 else {
        throw .damaged(
          file: path, offset: offset + UInt64(done),
          what: "it cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Up to `count` bytes from `offset` on; fewer when the file ends before.
  func read(count: Int, at offset: UInt64) throws(StoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var result: Result<Int, StoreError> = .success(0)
    bytes.withUnsafeMutableBytes { buffer in
      do throws(StoreError) { result = .success(try read(into: buffer, at: offset)) } catch {
        result = .failure(error)
      }
    }
    bytes.removeLast(count - (try result.get()))
    return bytes
  }

  /// Data and what is needed to find it again are on the disk when this returns.
  func synchronizeData() throws(StoreError) {
    guard retrying({ fdatasync(descriptor) }) == 0 else {
      throw .io(operation: "fdatasync", file: path, code: errno)
    }
  }

  func synchronize() throws(StoreError) {
    guard retrying({ fsync(descriptor) }) == 0 else { throw .io(operation: "fsync", file: path, code: errno) }
  }

  func truncate(to size: UInt64) throws(StoreError) {
    guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
      throw .io(operation: "truncate", file: path, code: errno)
    }
  }

  /// Claims blocks for `size` bytes, so that a lack of room shows now and not in the middle of a write.
  func allocate(_ size: UInt64) throws(StoreError) {
    let code = posix_fallocate(descriptor, 0, off_t(size))
    guard code == 0 else { throw .io(operation: "allocate", file: path, code: code) }
  }
}

/// A call that a signal may interrupt before it has done anything.
@inline(__always)
func retrying<Count: SignedInteger>(_ call: () -> Count) -> Count {
  while true {
    let result = call()
    if result == -1 && errno == EINTR { continue }
    return result
  }
}

/// `withUnsafeBytes` that keeps the type of the error.
@inline(__always)
func withBytes<Value>(
  of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Value
) throws(StoreError) -> Value {
  let result = bytes.withUnsafeBytes { buffer -> Result<Value, StoreError> in
    do throws(StoreError) { return .success(try body(buffer)) } catch { return .failure(error) }
  }
  return try result.get()
}
