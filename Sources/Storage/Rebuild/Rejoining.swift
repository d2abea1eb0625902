extension DiskStore {
  /// Notes durably that this node has to be taken back by its peers before it may vote: for one that has opened a
  /// `.fresh` store and learns from its peers that they know it. Later openings give `.rejoining`. May be repeated.
  ///
  /// Waits for the disk on the caller's thread. To be called before the node gives its first vote, or sends
  /// anything that counts as its word; a crash before it returns leaves the store fresh or rejoining, and the
  /// peers are asked again.
  ///
  /// - Throws: `closed`; `io`. After a failed sync the store fails too, and reports it as after any other one.
  package func beginRejoining() throws(StoreError) {
    guard !isOver else { throw .closed }
    try endingOnFailedSync { () throws(StoreError) in
      try RejoinMarker.set(in: directory, identity: identity)
    }
  }

  /// Notes durably that the peers have taken this node back: it votes again, also after a restart. May be repeated,
  /// and does nothing to a store that is not rejoining.
  ///
  /// To be called once the entries of the group up to the configuration that took the node back are durable here,
  /// not only received: from then on this store's word counts. A crash before it returns leaves the store
  /// rejoining or restored, and either is right. Waits for the disk on the caller's thread.
  ///
  /// - Throws: as `beginRejoining`.
  package func endRejoining() throws(StoreError) {
    guard !isOver else { throw .closed }
    try endingOnFailedSync { () throws(StoreError) in try RejoinMarker.clear(in: directory) }
  }
}
