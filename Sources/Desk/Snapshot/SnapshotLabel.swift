package import Kernel

/// What the first bytes of a snapshot say of it: enough to know whether it can be read, before it takes the place of
/// anything.
package struct SnapshotLabel: Hashable, Sendable {
  /// No label takes more bytes.
  package static let longest = 512

  package var version: UInt16
  package var level: Level
  /// The first release that reads the level; empty in snapshots of level 1.
  package var release: String

  /// - Parameter start: the first `longest` bytes of a snapshot, or all of it.
  /// - Throws: `SnapshotError` for what is no snapshot, or one that this build does not read.
  package static func check(_ start: [UInt8]) throws(SnapshotError) -> SnapshotLabel {
    var reader = ByteReader(start, from: ReplicatedState.snapshotMagic.count)
    let label: SnapshotLabel
    do throws(DecodingFailure) {
      label = try SnapshotLabel(readingFrom: start, with: &reader)
    } catch {
      throw start.starts(with: ReplicatedState.snapshotMagic)
        ? .damaged(offset: reader.offset, error) : .notASnapshot
    }
    try label.check()
    return label
  }

  init(readingFrom start: [UInt8], with reader: inout ByteReader) throws(DecodingFailure) {
    guard start.starts(with: ReplicatedState.snapshotMagic) else {
      throw .invalid("it does not begin as a snapshot does")
    }
    version = try reader.readUInt16()
    (level, release) = (.first, "")
    guard version > ReplicatedState.firstLevelVersion, version <= ReplicatedState.snapshotVersion else {
      return
    }
    level = Level(try reader.readUInt16())
    release = try reader.readString(limit: 255)
    guard level > .first else { throw .invalid("its level is \(level), and its version is of higher ones") }
  }

  func check() throws(SnapshotError) {
    guard (1...ReplicatedState.snapshotVersion).contains(version) else { throw .unsupportedVersion(version) }
    guard level <= .newest else { throw .newerLevel(level, release: release) }
  }
}
