internal import Crypto
internal import Foundation

/// What a backup is, in its file `manifest.json`, which is written last: without it there is no backup.
package struct BackupManifest: Codable, Hashable, Sendable {
  package static let fileName = "manifest.json"
  package static let newestFormat = 1
  /// A file a month for some hundred years, and more.
  private static let mostBytes = 1 << 20
  private static let mostFiles = 10_000

  package var format = BackupManifest.newestFormat
  package var cluster: String
  /// The name of the node that was copied.
  package var node: String
  package var nodeID: UInt64
  /// The program that has made the backup.
  package var release: String
  /// The format level of the state.
  package var level: UInt16
  /// All that was committed up to this entry of the log is in it, and nothing that came later is used.
  package var snapshotIndex: UInt64
  /// In milliseconds since 1970.
  package var madeAt: UInt64
  /// Entries of the log whose rows may be missing in the archive.
  package var missingEntries: UInt64
  /// Months whose files were detached from the archive, and are in no backup of it.
  package var detachedMonths: [String]
  /// The snapshot first.
  package var files: [BackupFileFacts]
  /// SHA-256 of all the rest.
  private var sha256 = ""

  package init(
    cluster: String, node: String, nodeID: UInt64, release: String, level: UInt16, snapshotIndex: UInt64,
    madeAt: UInt64, missingEntries: UInt64, detachedMonths: [String] = [], files: [BackupFileFacts]
  ) {
    self.detachedMonths = detachedMonths
    (self.cluster, self.node, self.nodeID, self.release, self.level) = (cluster, node, nodeID, release, level)
    (self.snapshotIndex, self.madeAt, self.missingEntries) = (snapshotIndex, madeAt, missingEntries)
    self.files = files
  }

  private enum CodingKeys: String, CodingKey {
    case format, cluster, node, release, level, files, sha256
    case nodeID = "node_id"
    case snapshotIndex = "snapshot_index"
    case madeAt = "made_at"
    case missingEntries = "missing_entries"
    case detachedMonths = "detached_months"
  }

  package var bytes: UInt64 { files.reduce(0) { $0 + $1.bytes } }
  var hasArchive: Bool { files.contains { $0.name.hasPrefix("archive/") } }

  /// Of a group of that name that begins with this backup: nodes that began with another one are strangers to it.
  func group(called cluster: String) throws -> UInt64 {
    SHA256.hash(data: Array("\(try digest()) \(cluster)".utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: Bytes

  /// As it stands in the file.
  package func encoded() throws -> [UInt8] {
    var signed = self
    signed.sha256 = try digest()
    return try Array(Self.encoder.encode(signed)) + [UInt8(ascii: "\n")]
  }

  private func digest() throws -> String {
    var plain = self
    plain.sha256 = ""
    return SHA256.hash(data: try Self.encoder.encode(plain)).hexadecimal
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return encoder
  }

  /// - Throws: `BackupError`: it is missing, damaged, or of a later format.
  package init(in directory: String) throws {
    let path = directory + "/" + Self.fileName
    guard access(path, F_OK) == 0 else {
      throw BackupError(
        "There is no \(Self.fileName) in \(directory): it is no backup, or one that was not finished. Use another one."
      )
    }
    let file = try BackupFile(reading: path)
    guard try file.size() <= Self.mostBytes else { throw Self.damaged(path) }
    var bytes: [UInt8] = []
    try file.forEachPiece { bytes += $0 }
    struct Version: Decodable { var format: Int }
    let data = Data(bytes)
    if let version = try? JSONDecoder().decode(Version.self, from: data), version.format > Self.newestFormat {
      throw BackupError(
        "\(path) has format \(version.format), of a later release, and this one reads format \(Self.newestFormat). "
          + "Use that release.")
    }
    guard let manifest = try? JSONDecoder().decode(BackupManifest.self, from: data),
      try manifest.digest() == manifest.sha256, manifest.files.count <= Self.mostFiles,
      manifest.files.allSatisfy({ Self.isName($0.name) })
    else { throw Self.damaged(path) }
    self = manifest
  }

  private static func damaged(_ path: String) -> BackupError {
    BackupError("\(path) is not as it was written: the backup is damaged. Use another one.")
  }

  /// Of a snapshot, or of a file of the archive: it leads nowhere else.
  private static func isName(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 1 || (parts.count == 2 && parts[0] == "archive"), let last = parts.last else {
      return false
    }
    return !last.isEmpty && !last.hasPrefix(".") && last.utf8.count < 256
  }
}
