import Archive
import Desk
import Foundation
import Kernel
import Raft
import Storage
import Testing

@testable import Backup

@Suite("A node that begins with a backup")
struct RestorationTests {
  private let identity = StoreIdentity(cluster: "new", node: 7)
  private let members = Membership(voters: [NodeID(7), NodeID(8), NodeID(9)])

  private func original() throws -> Original {
    let original = try Original()
    try original.archive()
    try original.backUp()
    return original
  }

  @Test("has the state, votes with the members of its own cluster, and goes on behind the snapshot")
  func store() throws {
    let original = try original()
    let target = original.path + "/new"
    let outcome = try Restoration(from: original.output).restore(into: target, as: identity, members)
    #expect(outcome == Restoration.Outcome(index: 20, sessions: 2, rowsCut: 1))
    let found = try #require(try RecoveredState.look(in: target, identity: identity))
    #expect(found.opening == .restored && found.entries.isEmpty && found.beginning == nil)
    let meta = try #require(found.snapshot)
    #expect(meta.index == LogIndex(20) && meta.term == Term(3) && meta.time == 9)
    #expect(found.hardState.term == Term(3) && found.hardState.vote == nil)
    var plain = meta.membership
    plain.identity = nil
    #expect(plain == members)
    let path = try #require(try StoreInspection.newestSnapshot(in: target))
    #expect(try LooseSnapshot(path).read() == original.state.encodedSnapshot())
    let inspection = try StoreInspection.inspect(directory: target)
    #expect(inspection.damage.isEmpty && inspection.identity == identity)
  }

  @Test("has the archive as it was at the snapshot, to be filled from the state first")
  func archive() throws {
    let original = try original()
    let target = original.path + "/new"
    _ = try Restoration(from: original.output).restore(into: target, as: identity, members)
    let writer = try ArchiveWriter(target + "/archive")
    #expect(writer.completeIndex == 20 && writer.needsWhole && writer.findings.isEmpty)
    writer.close()
    let reader = try ArchiveReader(target + "/archive")
    defer { reader.close() }
    for (index, isThere) in [(5, true), (12, true), (22, false)] as [(UInt64, Bool)] {
      let session = try #require(SessionID(index: index, place: 0))
      #expect((try reader.session(session) != nil) == isThere, "\(index)")
    }
  }

  @Test("can be given the months again that were detached before the backup")
  func detached() throws {
    let original = try Original()
    try original.archive(upTo: 15)
    let november = Month(ms: 1_793_491_200_000)
    let before = try ArchiveWriter(original.data + "/archive")
    let file = try before.detach(november, now: november.next.next)
    before.close()
    // One that was opened later, in a file of its own.
    try original.archive()
    let manifest = try original.backUp()
    #expect(manifest.detachedMonths == ["2026-11"] && manifest.files.count == 3)
    let target = original.path + "/new"
    _ = try Restoration(from: original.output).restore(into: target, as: identity, members)
    try FileManager.default.createDirectory(
      atPath: target + "/archive/attaching", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: file, toPath: target + "/archive/attaching/2026-11.sqlite")
    let writer = try ArchiveWriter(target + "/archive")
    #expect(writer.findings.isEmpty)
    try writer.attach(november)
    writer.close()
    let reader = try ArchiveReader(target + "/archive")
    defer { reader.close() }
    #expect(try reader.session(try #require(SessionID(index: 5, place: 0))) != nil)
    #expect(try reader.session(try #require(SessionID(index: 22, place: 0))) == nil, "of what came later")
  }

  @Test("is not made of a backup during which a month was detached: its file has what came later")
  func detachedMeanwhile() throws {
    let original = try Original()
    try original.archive()
    let november = Month(ms: 1_793_491_200_000)
    let writer = try ArchiveWriter(original.data + "/archive")
    _ = try writer.detach(november, now: november.next.next)
    writer.close()
    let error = #expect(throws: BackupError.self) { try original.backUp() }
    #expect(error?.description.contains("Make another one") == true)
  }

  @Test("is of the same group as those that began with the same backup, and of no other one")
  func group() throws {
    let (one, other) = (try original(), try original())
    func group(_ original: Original, _ name: String, _ cluster: String) throws -> UInt64? {
      let identity = StoreIdentity(cluster: cluster, node: 7)
      let target = original.path + "/" + name
      _ = try Restoration(from: original.output).restore(into: target, as: identity, members)
      return try RecoveredState.look(in: target, identity: identity)?.snapshot?.membership.identity
    }
    let first = try #require(try group(one, "a", "new"))
    #expect(first != 7)
    #expect(try group(one, "b", "new") == first)
    #expect(try group(one, "c", "newer") != first)
    // Other files, since SQLite and the archive have other stamps.
    try FileManager.default.removeItem(atPath: other.output)
    let writer = try ArchiveWriter(other.data + "/archive")
    try writer.write([], upTo: 30)
    writer.close()
    try other.backUp()
    #expect(try group(other, "a", "new") != first)
  }

  @Test("is refused where there is something, and under the name of the old cluster")
  func refused() throws {
    let original = try original()
    let restoration = try Restoration(from: original.output)
    let same = #expect(throws: BackupError.self) {
      try restoration.restore(
        into: original.path + "/new", as: StoreIdentity(cluster: "old", node: 7), members)
    }
    #expect(same?.description.contains("another name") == true)
    let full = #expect(throws: BackupError.self) {
      try restoration.restore(into: original.data, as: identity, members)
    }
    #expect(full?.description.contains("not empty") == true)
    #expect(original.names(original.path) == ["backup", "data"])
  }

  @Test("begins with what was changed in between, where something has to be")
  func changed() throws {
    let original = try original()
    let target = original.path + "/new"
    _ = try Restoration(from: original.output).restore(into: target, as: identity, members) { state, archive in
      #expect(archive?.completeIndex == 20)
      var effects: [Effect] = []
      let raise = Submission(
        origin: Origin(server: ServerID(7), request: 1), command: .raiseLevel(RaiseLevel(.seventh)))
      state.apply([raise], index: 20, now: 0, into: &effects)
      return true
    }
    let path = try #require(try StoreInspection.newestSnapshot(in: target))
    #expect(try ReplicatedState(snapshot: LooseSnapshot(path).read()).level == .seventh)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try Restoration(from: original.output).restore(into: original.path + "/third", as: identity, members) {
        _, _ in
        throw Stop()
      }
    }
    #expect(try StoreInspection.newestSnapshot(in: original.path + "/third") == nil)
  }
}
