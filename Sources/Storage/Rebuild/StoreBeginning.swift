package import Raft

/// The file `begin`: an operator has said, once, that this node begins a cluster, and who belongs to it. It stands on the
/// disk and in no configuration: a disk that is emptied has lost it, and nobody begins the same cluster again.
package enum StoreBeginning {
  static let place = SmallFile(name: FileNames.beginning, magic: .beginning)

  package enum Outcome: Hashable, Sendable {
    /// The next start of the node begins the cluster, once its other members are there.
    case noted
    /// Nothing was done: the directory is not one that no node has used.
    case used(StoreOpening)
  }

  /// Notes in an empty store, which is made where there is none, that its node begins a cluster.
  ///
  /// - Throws: `inUse`, `otherOwner`; `damaged` and its like as for any start; `io`.
  package static func note(
    _ first: Membership, directory path: String, identity: StoreIdentity
  ) throws(StoreError) -> Outcome {
    try identity.check()
    let directory = Directory(path: path)
    try directory.create()
    let lock = try DirectoryLock(directory)
    defer { _ = lock }
    let found = try StoreRecovery(directory: directory, names: directory.names(), identity: identity)
    guard found.opening == .fresh else { return .used(found.opening) }
    let bytes = first.encoded()
    try place.write(in: directory, identity: identity) { writer in
      writer.put(UInt32(bytes.count))
      writer.bytes.append(contentsOf: bytes)
    }
    return .noted
  }

  static func read(in directory: Directory, names: [String], identity: StoreIdentity) throws(StoreError)
    -> Membership?
  {
    try place.read(in: directory, names: names, identity: identity) { fields in
      guard let count = fields.take(UInt32.self), let bytes = fields.takeBytes(Int(count)) else { return nil }
      return try? Membership(encoded: Array(bytes))
    }
  }
}
