import Foundation
import Testing

@Suite("An operator has an archive mended while its node serves", .serialized, .timeLimit(.minutes(10)))
struct MendTests {
  @Test("what is damaged is filled from the others; where none has it, the command says so and fails")
  func mended() async throws {
    let cluster = try TestCluster(settings: [
      "history": ["linger_ms": 1_000], "raft": ["snapshot_entries": 100],
    ])
    defer { cluster.stop() }
    _ = try await cluster.leader()
    try await cluster.untilRaised(seenBy: 1)
    try await cluster.talk("okapi", sessions: 3, lines: 70)
    let hash = try cluster.archiveHash(1)
    #expect(try cluster.archiveHash(2) == hash)
    let asked = ["--url", cluster.nodes[1].url, "--secret-file", cluster.directory + "/secret"]
    let sound = try cluster.run(["archive", "mend"] + asked, complaints: true)
    #expect(sound.status == 0 && sound.output.contains("no damage"), "\(sound.output)")

    let data = cluster.directory + "/data2/archive"
    let month = try flip("okapi 7", in: data)
    let json = try cluster.run(["archive", "mend", "--json"] + asked)
    #expect(json.status == 0, "\(json.output)")
    let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let months = report?["months"] as? [[String: Any]] ?? []
    #expect(months.count == 1 && months.first?["month"] as? String == month)
    #expect((months.first?["damage"] as? String)?.contains("not what was written") == true, "\(json.output)")
    #expect(report?["is_whole"] as? Bool == true && report?["missing_entries"] as? Int == 0)
    #expect(try cluster.archiveHash(2) == hash)
    #expect(FileManager.default.fileExists(atPath: data + "/.damaged-1-\(month).sqlite"))

    // Nobody is there to fill it.
    for node in [1, 3] { cluster.kill9(node) }
    _ = try flip("okapi 7", in: data)
    let alone = try cluster.run(["archive", "mend", month, "--wait", "8s"] + asked, complaints: true)
    #expect(alone.status == 1 && alone.output.contains("may be missing still"), "\(alone.output)")
    for node in [1, 3] { try cluster.start(node) }
    try await eventually("it is filled when they are back") {
      await cluster.ownArchive(2)?["gap"] as? Bool == false
    }
    #expect(try cluster.archiveHash(2) == hash)
    let wrong = try cluster.run(["archive", "mend", "2026-13"] + asked, complaints: true)
    #expect(wrong.status == 64, "\(wrong.output)")
  }

  /// In all files of an archive, as a disk would.
  /// - Returns: the month that has the words.
  private func flip(_ words: String, in folder: String) throws -> String {
    var month = ""
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("20") {
      let url = URL(fileURLWithPath: folder + "/" + name)
      let bytes = try Data(contentsOf: url)
      let handle = try FileHandle(forUpdating: url)
      defer { try? handle.close() }
      var from = bytes.startIndex
      while let found = bytes.range(of: Data(words.utf8), in: from..<bytes.endIndex) {
        try handle.seek(toOffset: UInt64(found.lowerBound))
        try handle.write(contentsOf: Data([bytes[found.lowerBound] ^ 1]))
        (from, month) = (found.upperBound, String(name.prefix(7)))
      }
    }
    #expect(!month.isEmpty)
    return month
  }
}
