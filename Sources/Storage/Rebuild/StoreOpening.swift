/// What a node may take its store for when it starts.
package enum StoreOpening: Hashable, Sendable {
  /// Nothing was ever recorded in it: no vote, no entry, no snapshot. Either the node is new, or its directory was
  /// lost; the store cannot tell. A node of a group that may be in use asks its peers first, and calls
  /// `DiskStore.beginRejoining` when they know it.
  case fresh
  /// The node has lost what it had promised, wholly or in part, and its peers have not yet taken it back: it must
  /// neither vote nor campaign, whatever the store holds by now. It stays so over restarts until
  /// `DiskStore.endRejoining`.
  case rejoining
  /// All that the node has ever promised is there.
  case restored
}
