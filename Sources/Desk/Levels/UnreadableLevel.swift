package import Kernel

/// Something of the log or a snapshot that this build does not read, because the cluster has gone on to a higher level.
package struct UnreadableLevel: Error, Hashable, Sendable, CustomStringConvertible {
  /// nil: not even that can be read.
  package var level: Level?
  /// The first release that reads it; nil: not known.
  package var release: String?

  package init(level: Level?, release: String?) {
    self.level = level
    self.release = release
  }

  package var description: String {
    let what = level.map { "level \($0)" } ?? "a level above those it knows"
    let needed = release.map { "version \($0) or newer" } ?? "the version of the other nodes"
    return
      "it is of \(what), and this version reads up to level \(Level.newest): start this node with \(needed)"
  }
}

extension CommandCodec {
  /// The level that an entry needs, told from its first bytes, before it is appended or applied.
  /// - Throws: when this build does not read it.
  package static func checkLevel(of data: [UInt8]) throws(UnreadableLevel) -> Level {
    guard let level = try? level(of: data) else { throw UnreadableLevel(level: nil, release: nil) }
    guard level > .newest else { return level }
    throw UnreadableLevel(level: level, release: release(in: data))
  }

  /// What raises the level is in the form of level 2, whatever it raises it to: it says who reads what follows.
  private static func release(in data: [UInt8]) -> String? {
    var reader = CommandReader(data)
    guard (try? reader.bytes.readUInt8()) != nil, (try? reader.bytes.readVarint()) != nil,
      let count = try? reader.bytes.readVarint()
    else { return nil }
    for _ in 0..<min(count, 4096) {
      guard let submission = try? reader.readSubmission() else { return nil }
      if case .raiseLevel(let raise) = submission.command { return raise.release.isEmpty ? nil : raise.release }
    }
    return nil
  }
}
