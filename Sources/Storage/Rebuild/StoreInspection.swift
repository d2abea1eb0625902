package import Raft

/// What a directory holds, found out without changing anything in it.
package struct StoreInspection: Hashable, Sendable {
  /// One file of the log.
  package struct Segment: Hashable, Sendable {
    package enum Contents: Hashable, Sendable {
      /// All zero: made before it is needed.
      case prepared
      /// How many records can be read from its start on, and the lowest and highest index of the entries among them.
      case records(Int, entries: ClosedRange<LogIndex>?)
      /// Not even its header can be used.
      case unreadable
    }

    package var name: String
    package var number: UInt64
    package var bytes: UInt64
    package var contents: Contents
  }

  package struct Snapshot: Hashable, Sendable {
    package var name: String
    package var index: LogIndex
    package var term: Term
    /// Size and checksum are what its header says.
    package var isWhole: Bool
  }

  package var directory: String
  /// A process has the store open. Then the records and states are not looked into, as they change meanwhile.
  package var isInUse = false
  /// Nil when no file says it.
  package var identity: StoreIdentity?
  /// Of the file that says whose the store is; nil when no file does.
  package var formatVersion: UInt32?
  /// The node has to be taken back by its peers before it may vote.
  package var isRejoining = false
  /// Up to which number segments were made; nil when the file `store` does not say.
  package var newestSegment: UInt64?
  /// Ascending.
  package var segments: [Segment] = []
  /// Ascending.
  package var snapshots: [Snapshot] = []
  /// Damaged snapshots that an earlier start has set aside.
  package var setAside: [String] = []
  /// Files and folders that no store has made.
  package var foreign: [String] = []
  /// All that is damaged, missing, or not this store's. Not all of it keeps the store shut: a damaged snapshot does
  /// not when the log reaches back far enough.
  package var damage: [StoreError] = []
  /// Why the store would not open; nil when it would, or when it is in use.
  package var refusal: StoreError?
  /// What a start would say and repair by itself: a write that a crash cut short.
  package var notes: [String] = []
  /// What opening would give; nil when it would be refused, or when the store is in use.
  package var opening: StoreOpening?
  /// Term, vote and commit index as a start would find them; nil when it would be refused.
  package var hardState: HardState?
  /// Index of the last entry, or of the snapshot when there is none after it; nil as `hardState`.
  package var last: LogIndex?

  /// Reads all of it: as long as the disk takes for the whole directory.
  ///
  /// - Parameter expecting: whose store it should be; without it, whoever its files name.
  /// - Throws: `io` when the directory or a file cannot be read at all. What is found there is no error.
  package static func inspect(directory: String, expecting: StoreIdentity? = nil) throws(StoreError)
    -> StoreInspection
  {
    var inspector = try Inspector(directory: directory, expecting: expecting)
    return try inspector.inspect()
  }
}
