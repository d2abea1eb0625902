/// What a node goes by when it compares its configuration file with its disk, as its disk keeps it (the file `members`).
/// The log and the snapshot say who votes; this says what the disk knew when nothing of that kind was in them, and what the
/// file said when the node last started.
package struct MembersRecord: Hashable, Sendable {
  /// The voters of a log of the first releases, which has no configuration at its beginning: read from the configuration
  /// file once, and never again. Nil where the log or the snapshot says it.
  package var pinned: Membership?
  /// All members of the first configuration that this disk has known; empty before it knows one.
  package var first: [NodeID]
  /// The members in the configuration file of the last start.
  package var file: [NodeID]
  /// Everyone who was a member as far as this disk has known at its starts.
  package var known: [NodeID]

  package init(pinned: Membership? = nil, first: [NodeID] = [], file: [NodeID] = [], known: [NodeID] = []) {
    self.pinned = pinned
    self.first = first.sorted()
    self.file = file.sorted()
    self.known = known.sorted()
  }
}
