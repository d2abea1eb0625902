/// Whose store a directory holds, as its own files say, without knowing it beforehand.
enum StoreOwner {
  /// From the first file that says it: `store`, the marker, the other small files, the segments, the snapshots. Files that cannot be read
  /// say nothing.
  static func find(in directory: Directory, names: [String]) -> (identity: StoreIdentity?, version: UInt32)? {
    var later: UInt32?
    let small = [
      FileNames.manifest, FileNames.rejoin, FileNames.members, FileNames.beginning,
      FileNames.stopped,
    ]
    for name in small + names.filter(isDated) where names.contains(name) {
      guard let file = try? File(directory.file(name), .read),
        let bytes = try? file.read(count: FileHeader.maxBytes, at: 0), let found = FileHeader.peek(bytes[...])
      else { continue }
      if found.owner != nil { return (found.owner, found.version) }
      later = later ?? found.version
    }
    return later.map { (nil, $0) }
  }

  private static func isDated(_ name: String) -> Bool {
    FileNames.segmentNumber(name) != nil || FileNames.snapshotPosition(name) != nil
  }
}
