internal import Crypto
internal import Glibc
internal import enum Kernel.Hexadecimal

/// A file that is read from its beginning to its end, piece by piece.
struct BackupFile: ~Copyable {
  private static let piece = 1 << 20

  let path: String
  private let descriptor: Int32

  init(reading path: String) throws(BackupError) {
    self.path = path
    descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("\(path) cannot be read") }
  }

  /// - Throws: also where there is a file of that name already.
  init(making path: String) throws(BackupError) {
    self.path = path
    descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system("\(path) cannot be made") }
  }

  deinit { Glibc.close(descriptor) }

  func size() throws(BackupError) -> UInt64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("\(path) cannot be read") }
    return UInt64(max(0, status.st_size))
  }

  /// Calls back for each piece, of a mebibyte at the most.
  func forEachPiece(_ body: (borrowing [UInt8]) throws -> Void) throws {
    var bytes = [UInt8](repeating: 0, count: Self.piece)
    while true {
      let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw BackupError.system("\(path) cannot be read") }
      if count == 0 { return }
      try body(count == bytes.count ? bytes : Array(bytes.prefix(count)))
    }
  }

  func write(_ bytes: borrowing [UInt8]) throws(BackupError) {
    var done = 0
    while done < bytes.count {
      let from = done
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + from }, buffer.count - from)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system("\(path) cannot be written") }
      done += count
    }
  }

  func synchronize() throws(BackupError) {
    guard fsync(descriptor) == 0 else { throw .system("\(path) cannot be written") }
  }
}

/// What a file was when it was written.
package struct BackupFileFacts: Codable, Hashable, Sendable {
  /// In the backup, with `/` between a folder and the file.
  package var name: String
  package var bytes: UInt64
  /// In hexadecimal digits.
  package var sha256: String

  /// Reads all of the file.
  ///
  /// - Parameter progress: is told how many bytes were read.
  init(_ name: String, of path: String, _ progress: (UInt64) -> Void = { _ in }) throws {
    let file = try BackupFile(reading: path)
    var digest = SHA256()
    var bytes: UInt64 = 0
    try file.forEachPiece { piece in
      digest.update(data: copy piece)
      bytes += UInt64(piece.count)
      progress(bytes)
    }
    self.init(name: name, bytes: bytes, sha256: digest.finalize().hexadecimal)
  }

  init(name: String, bytes: UInt64, sha256: String) {
    (self.name, self.bytes, self.sha256) = (name, bytes, sha256)
  }

  /// Copies a file; the copy is on the disk when this returns, but for its name.
  static func copy(
    _ source: String, to target: String, as name: String, _ progress: (UInt64) -> Void
  ) throws -> BackupFileFacts {
    let file = try BackupFile(reading: source)
    let copy = try BackupFile(making: target)
    var digest = SHA256()
    var bytes: UInt64 = 0
    try file.forEachPiece { piece in
      digest.update(data: Swift.Array(piece))
      try copy.write(piece)
      bytes += UInt64(piece.count)
      progress(bytes)
    }
    try copy.synchronize()
    return BackupFileFacts(name: name, bytes: bytes, sha256: digest.finalize().hexadecimal)
  }
}

extension SHA256.Digest {
  var hexadecimal: String { Hexadecimal.text(of: Array(self)) }
}

extension BackupError {
  /// With what the system says of the call that has just failed.
  static func system(_ what: String) -> BackupError {
    BackupError("\(what): \(String(cString: strerror(errno))).")
  }
}
