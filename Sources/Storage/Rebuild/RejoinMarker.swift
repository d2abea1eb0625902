/// The file `rejoin`: this node's promises are lost, and its peers have not taken it back yet. That the file is there
/// is all that counts: one that cannot be read keeps the node from voting like any other, which is the safe side.
enum RejoinMarker {
  /// Durable when it returns. It is there whole or not at all.
  static func set(in directory: Directory, identity: StoreIdentity) throws(StoreError) {
    let bytes = FileHeader.encode(.rejoin, identity: identity) { _ in }
    let temporary = FileNames.rejoin + ".tmp"
    let file = try File(directory.file(temporary), .create)
    try file.write(bytes, at: 0)
    try directory.synchronize(file)
    try directory.rename(temporary, to: FileNames.rejoin)
    try directory.synchronize()
  }

  /// Gone for good when it returns; until then it may be there again after a loss of power.
  static func clear(in directory: Directory) throws(StoreError) {
    try directory.remove(FileNames.rejoin)
    try directory.synchronize()
  }

  /// Whether it is set, with a sentence for the operator when it is not as it was written.
  /// - Throws: `otherOwner`, `formatVersion`.
  static func read(in directory: Directory, names: [String], identity: StoreIdentity) throws(StoreError)
    -> (isSet: Bool, note: String?)
  {
    guard names.contains(FileNames.rejoin) else { return (false, nil) }
    do throws(StoreError) {
      let file = try File(directory.file(FileNames.rejoin), .read)
      let bytes = try file.read(count: 4096, at: 0)
      _ = try FileHeader.decode(.rejoin, bytes[...], of: file.path, identity: identity)
      return (true, nil)
    } catch {
      guard case .damaged(let file, _, let what) = error else { throw error }
      return (true, "\(file) cannot be read (\(what)); that it is there is enough: this node has to rejoin")
    }
  }
}
