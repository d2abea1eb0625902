/// The file `store`: whose directory this is, and up to which number segments were made. A log whose newest
/// segment has gone is thereby told apart from one that ends earlier, and an empty directory from a lost log.
/// Written anew, under a temporary name, once per segment and before that segment is used.
struct Manifest: Hashable {
  var newestSegment: UInt64

  func write(in directory: Directory, identity: StoreIdentity) throws(StoreError) {
    let bytes = FileHeader.encode(.manifest, identity: identity) { $0.put(newestSegment) }
    let temporary = FileNames.manifest + ".tmp"
    let file = try File(directory.file(temporary), .create)
    try file.write(bytes, at: 0)
    try directory.synchronize(file)
    try directory.rename(temporary, to: FileNames.manifest)
    try directory.synchronize()
  }

  static func read(in directory: Directory, identity: StoreIdentity) throws(StoreError) -> Manifest {
    let file = try File(directory.file(FileNames.manifest), .read)
    let bytes = try file.read(count: FileHeader.maxBytes, at: 0)
    var (fields, _) = try FileHeader.decode(.manifest, bytes[...], of: file.path, identity: identity)
    guard let newest = fields.take(UInt64.self) else {
      throw .damaged(file: file.path, offset: 20, what: "its header is too short")
    }
    return Manifest(newestSegment: newest)
  }
}
