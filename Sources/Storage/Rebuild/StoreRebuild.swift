/// Empties the store of a node that cannot start, so that its peers bring it back. The node has forgotten what it
/// promised, so the emptied store says `.rejoining`, and the node does not vote until its peers have taken it back.
package enum StoreRebuild {
  package struct Outcome: Hashable, Sendable {
    /// Whose store it was and is again.
    package var identity: StoreIdentity
    /// Where the old files are; nil when there were none, or when they were discarded.
    package var keptIn: String?
    /// Names of the files that were moved or, when discarding, taken away.
    package var files: [String]
    /// What no store has made: it is where it was.
    package var foreign: [String]
  }

  /// Moves the files of a store out of `directory` and leaves an empty one of the same node of the same cluster.
  ///
  /// A crash or a loss of power at any point leaves a store that is refused or says `.rejoining`, and never one that
  /// votes; nothing is lost, and calling this again goes on.
  ///
  /// - Parameters:
  ///   - identity: whose store it is. Needed when no file says it, as in a directory that has lost all of them, and when most files
  ///     say something else than the first of them, `store`; otherwise it is checked, so that nobody empties another node.
  ///   - keepingDamagedIn: a folder on the same file system that is new or empty. Without it a new one is made beside
  ///     the directory, `DIR.damaged-N`, or, when the directory is a mount of its own or the one above may not be
  ///     written, in it, `DIR/damaged-N`.
  ///   - discarding: the old files are taken away for good, and nothing is kept.
  /// - Throws: `inUse` while a process has the store open; `noIdentity`; `otherOwner` when no file belongs to `identity`, or without
  ///   it, when most belong to another than `store`; `option` for a folder that cannot be used; `io`.
  package static func empty(
    directory: String, identity: StoreIdentity? = nil, keepingDamagedIn: String? = nil, discarding: Bool = false
  ) throws(StoreError) -> Outcome {
    let directory = Directory(path: try Directory(path: directory).resolved())
    // The lock stays in the directory all along, so that no node can start in the middle.
    let lock = try DirectoryLock(directory)
    defer { _ = lock }
    let names = try directory.names()
    let plan = RebuildPlan(
      directory: directory, identity: try owner(of: directory, names, expecting: identity), names: names)
    let folder =
      discarding || plan.files.isEmpty
      ? nil : try KeepingFolder.make(for: directory, named: keepingDamagedIn)
    for step in plan.steps { try plan.perform(step, keepingIn: folder) }
    return Outcome(
      identity: plan.identity, keptIn: folder?.path, files: plan.files,
      foreign: names.filter { !FileNames.isOurs($0) })
  }

  private static func owner(of directory: Directory, _ names: [String], expecting: StoreIdentity?)
    throws(StoreError) -> StoreIdentity
  {
    let owners = StoreOwner.all(in: directory, names: names)
    // Some file of another node among those of this one was put there by mistake; a directory that has none of this node is not its.
    if let expecting {
      if let first = owners.first, !owners.contains(where: { $0.identity == expecting }) {
        throw .otherOwner(file: first.file, found: first.identity, expected: expecting)
      }
    } else if let first = owners.first, let most = owners.first(where: { $0.files > first.files }) {
      throw .otherOwner(file: first.file, found: first.identity, expected: most.identity)
    }
    guard let identity = expecting ?? owners.first?.identity else {
      throw .noIdentity(directory: directory.path)
    }
    try identity.check()
    return identity
  }
}
