/// The steps of emptying a store, in the one order in which it may be cut short anywhere.
struct RebuildPlan {
  enum Step: Hashable {
    /// From here on no start of this directory gives a node that votes.
    case mark
    /// The file `store` goes first: a log or a snapshot without it is refused, so that what is left is never opened.
    case takeAway(String)
    /// What was taken away is durably away, and durably in the other folder.
    case settle
    /// An empty store.
    case begin
  }

  let directory: Directory
  let identity: StoreIdentity
  /// What is taken away, in order.
  let files: [String]

  init(directory: Directory, identity: StoreIdentity, names: [String]) {
    self.directory = directory
    self.identity = identity
    let kept = [FileNames.manifest, FileNames.lock, FileNames.rejoin]
    files =
      (names.contains(FileNames.manifest) ? [FileNames.manifest] : [])
      + names.filter { FileNames.isOurs($0) && !kept.contains($0) }
  }

  var steps: [Step] { [.mark] + files.map(Step.takeAway) + [.settle, .begin] }

  /// - Parameter folder: where files are moved to; nil when they are taken away for good.
  func perform(_ step: Step, keepingIn folder: Directory?) throws(StoreError) {
    switch step {
    case .mark: try RejoinMarker.set(in: directory, identity: identity)
    case .takeAway(let name):
      if let folder { try directory.move(name, to: folder) } else { try directory.remove(name) }
    case .settle:
      // The new place first: a file that is in both is no loss.
      try folder?.synchronize()
      try directory.synchronize()
    case .begin: try Manifest(newestSegment: 0).write(in: directory, identity: identity)
    }
  }
}
