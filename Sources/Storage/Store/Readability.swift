package import Raft

/// What the owner of a store says of data before the store does anything with it: a store that holds what its owner
/// cannot read is refused as it was found, and a snapshot that the owner cannot read takes the place of nothing.
/// nil: it can be read; else why not, as a clause that begins with "it".
package struct Readability: Sendable {
  /// Given this many bytes of a snapshot's start, or all of it.
  package static let prefix = 512

  package var snapshot: @Sendable (_ start: [UInt8]) -> String?
  package var entry: @Sendable (Entry) -> String?

  package init(
    snapshot: @escaping @Sendable (_ start: [UInt8]) -> String?, entry: @escaping @Sendable (Entry) -> String?
  ) {
    self.snapshot = snapshot
    self.entry = entry
  }

  /// For an owner who reads whatever there is.
  package static let all = Readability(snapshot: { _ in nil }, entry: { _ in nil })
}
