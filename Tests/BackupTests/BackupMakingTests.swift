import Archive
import Desk
import Foundation
import Kernel
import Storage
import Testing

@testable import Backup

@Suite("A backup")
struct BackupMakingTests {
  @Test("has the newest snapshot and the archive, and is what its manifest says")
  func made() throws {
    let original = try Original()
    try original.archive()
    let manifest = try original.backUp(with: 18)
    #expect(manifest.snapshotIndex == 20 && manifest.level == 6 && manifest.missingEntries == 0)
    #expect(
      manifest.cluster == "old" && manifest.node == "node2" && manifest.nodeID == 2 && manifest.madeAt == 42)
    let snapshot = "snapshot-00000000000000000020-00000000000000000003.snap"
    #expect(manifest.files.map(\.name) == [snapshot, "archive/catalogue.sqlite", "archive/2026-11.sqlite"])
    #expect(original.names(original.output) == ["archive", "manifest.json", snapshot])
    let checked = try BackupCheck.check(original.output, rows: true)
    #expect(try checked.encoded() == manifest.encoded())
    for file in manifest.files {
      let size = try Data(contentsOf: URL(fileURLWithPath: original.output + "/" + file.name)).count
      #expect(UInt64(size) == file.bytes && file.sha256.count == 64)
    }
  }

  @Test("is refused with words, and leaves nothing", arguments: ["older", "behind", "none", "gap", "strange"])
  func refused(what: String) throws {
    let original = try Original()
    switch what {
    case "behind": try original.archive(upTo: 15)
    case "none": break
    default: try original.archive()
    }
    if what == "gap" {
      let writer = try ArchiveWriter(original.data + "/archive")
      _ = try writer.setAside(Month(ms: 1_793_491_200_000), because: "of a test.")
      writer.close()
    }
    if what == "strange" {
      for directory in [original.path, original.path + "/nowhere"] {
        let error = #expect(throws: BackupError.self) { try BackupMaking(of: directory, to: original.output) }
        #expect(error?.description.contains("no data of a node") == true)
      }
      #expect(original.names(original.path) == ["data"])
      return
    }
    let words = [
      "older": "ask the node", "behind": "not complete", "none": "no archive", "gap": "not complete",
    ]
    let error = #expect(throws: BackupError.self) { try original.backUp(with: what == "older" ? 21 : 20) }
    #expect(error?.description.contains(words[what] ?? "?") == true, "\(error?.description ?? "")")
    #expect(original.names(original.output) == [])
    if what == "behind" || what == "gap" {
      let manifest = try original.backUp(takesIncomplete: true)
      #expect((manifest.missingEntries > 0) == (what == "gap"))
    }
  }

  @Test("of a state that has all needs no archive")
  func firstLevels() throws {
    let original = try Original(level: .fifth)
    #expect(try original.backUp().files.count == 1)
    #expect(try BackupCheck.check(original.output).level == 5)
  }

  @Test("goes into an empty directory alone")
  func occupied() throws {
    let original = try Original()
    try original.archive()
    try original.backUp()
    let error = #expect(throws: BackupError.self) { try original.backUp() }
    #expect(error?.description.contains("is not empty") == true)
    #expect(throws: Never.self) { try BackupCheck.check(original.output) }
  }

  @Test(
    "that is damaged is refused, with the file in the words",
    arguments: ["snapshot-", "archive/catalogue.sqlite", "archive/2026-11.sqlite", "manifest.json"],
    ["flipped", "shorter", "missing"])
  func damaged(file: String, how: String) throws {
    let original = try Original()
    try original.archive()
    let manifest = try original.backUp()
    let name = manifest.files.map(\.name).first { $0.hasPrefix(file) } ?? file
    let url = URL(fileURLWithPath: original.output + "/" + name)
    var bytes = try Data(contentsOf: url)
    switch how {
    case "flipped":
      bytes[bytes.count / 2] ^= 4
      try bytes.write(to: url)
    case "shorter": try bytes.dropLast().write(to: url)
    default: try FileManager.default.removeItem(at: url)
    }
    // Without its last line break the manifest says the same.
    if file == "manifest.json", how == "shorter" { return }
    let error = #expect(throws: BackupError.self) { try BackupCheck.check(original.output) }
    #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
    #expect(throws: BackupError.self) { try Restoration(from: original.output) }
  }

  @Test("of a later format is left to the release that knows it, and one that leads elsewhere is damaged")
  func strangeManifests() throws {
    let original = try Original()
    try original.archive()
    var manifest = try original.backUp()
    let url = URL(fileURLWithPath: original.output + "/manifest.json")
    manifest.format = 2
    try Data(manifest.encoded()).write(to: url)
    let later = #expect(throws: BackupError.self) { try BackupCheck.check(original.output) }
    #expect(later?.description.contains("later release") == true)
    manifest.format = 1
    manifest.files[1].name = "archive/../../secret"
    try Data(manifest.encoded()).write(to: url)
    let astray = #expect(throws: BackupError.self) { try BackupCheck.check(original.output) }
    #expect(astray?.description.contains("damaged") == true)
  }
}
