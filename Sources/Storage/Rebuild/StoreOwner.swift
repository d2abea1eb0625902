/// Whose store a directory holds, as its own files say, without knowing it beforehand.
enum StoreOwner {
  /// From the first file that says it: `store`, the marker, the other small files, the segments, the snapshots. Files that cannot be read
  /// say nothing.
  static func find(in directory: Directory, names: [String]) -> (identity: StoreIdentity?, version: UInt32)? {
    var later: UInt32?
    for name in inOrder(names) {
      guard let found = peek(name, in: directory) else { continue }
      if found.owner != nil { return (found.owner, found.version) }
      later = later ?? found.version
    }
    return later.map { (nil, $0) }
  }

  struct Claim {
    let identity: StoreIdentity
    /// The first file that says it.
    let file: String
    /// How many say it.
    var files = 1
  }

  /// All that files say, in the same order.
  static func all(in directory: Directory, names: [String]) -> [Claim] {
    var all: [Claim] = []
    for name in inOrder(names) {
      guard let owner = peek(name, in: directory)?.owner else { continue }
      if let place = all.firstIndex(where: { $0.identity == owner }) {
        all[place].files += 1
      } else {
        all.append(Claim(identity: owner, file: directory.file(name)))
      }
    }
    return all
  }

  private static func inOrder(_ names: [String]) -> [String] {
    let small = [
      FileNames.manifest, FileNames.rejoin, FileNames.members, FileNames.beginning,
      FileNames.stopped,
    ]
    return small.filter(names.contains) + names.filter(isDated)
  }

  private static func peek(
    _ name: String, in directory: Directory
  ) -> (version: UInt32, owner: StoreIdentity?)? {
    guard let file = try? File(directory.file(name), .read),
      let bytes = try? file.read(count: FileHeader.maxBytes, at: 0)
    else { return nil }
    return FileHeader.peek(bytes[...])
  }

  private static func isDated(_ name: String) -> Bool {
    FileNames.segmentNumber(name) != nil || FileNames.snapshotPosition(name) != nil
  }
}
