package import Kernel

/// Why bytes cannot be taken as a snapshot of the state.
package enum SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The bytes do not begin as a snapshot does.
  case notASnapshot
  /// Written by another version of the format.
  case unsupportedVersion(UInt16)
  /// The bytes near that offset mean nothing.
  case damaged(offset: Int, DecodingFailure)

  package var description: String {
    switch self {
    case .notASnapshot:
      "these bytes are not a snapshot of the desk; look whether it is the right file"
    case .unsupportedVersion(let version):
      "the snapshot has version \(version) of the format and this program reads \(DeskState.snapshotVersion); "
        + "use the release that has written it"
    case .damaged(let offset, let failure):
      "the snapshot is damaged near byte \(offset): \(failure); take an older one, or the one of another node"
    }
  }
}
