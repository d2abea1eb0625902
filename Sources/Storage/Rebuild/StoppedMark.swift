internal import Kernel

/// The file `stopped`: this node has found that its data is not what its cluster has, and must not start with it again. It
/// goes when the store is emptied.
enum StoppedMark {
  private static let place = SmallFile(name: FileNames.stopped, magic: .stopped)
  private static let longest = 4_096

  static func write(_ reason: String, in directory: Directory, identity: StoreIdentity) throws(StoreError) {
    let bytes = Array(reason.utf8.prefix(longest))
    try place.write(in: directory, identity: identity) { writer in
      writer.put(UInt32(bytes.count))
      writer.bytes.append(contentsOf: bytes)
    }
  }

  /// - Throws: `stopped` when it is there.
  static func check(_ directory: Directory, names: [String], identity: StoreIdentity) throws(StoreError) {
    let reason = try place.read(in: directory, names: names, identity: identity) { fields -> String? in
      guard let count = fields.take(UInt32.self), count <= longest, let bytes = fields.takeBytes(Int(count))
      else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
    if let reason { throw .stopped(directory: directory.path, reason: reason) }
  }
}

extension DiskStore {
  /// Notes durably that the node of this store must not start with it again. Waits for the disk on the caller's thread.
  ///
  /// - Throws: `closed`; `io`.
  package func stopForGood(_ reason: String) throws(StoreError) {
    guard !isOver else { throw .closed }
    try StoppedMark.write(reason, in: directory, identity: identity)
  }
}
