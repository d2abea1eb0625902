package import Kernel

/// Why bytes cannot be taken as a snapshot of the state.
package enum SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The bytes do not begin as a snapshot does.
  case notASnapshot
  /// Written by another version of the format.
  case unsupportedVersion(UInt16)
  /// The cluster has gone on to a level that this build does not read.
  case newerLevel(Level, release: String)
  /// The bytes near that offset mean nothing.
  case damaged(offset: Int, DecodingFailure)

  package var description: String {
    switch self {
    case .notASnapshot:
      "these bytes are not a snapshot of the desk; look whether it is the right file"
    case .unsupportedVersion(let version):
      "the snapshot has version \(version) of the format and this program reads \(ReplicatedState.snapshotVersion); "
        + "use the release that has written it"
    case .newerLevel(let level, let release):
      "the snapshot is of level \(level) and this program reads up to level \(Level.newest); "
        + "it needs version \(release.isEmpty ? "of the release that has written it" : release) or newer"
    case .damaged(let offset, let failure):
      "the snapshot is damaged near byte \(offset): \(failure); take an older one, or the one of another node"
    }
  }
}
