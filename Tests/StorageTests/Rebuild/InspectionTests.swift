import Raft
import Testing

@testable import Storage

@Suite("Looking at a store without opening it")
struct InspectionTests {
  @Test("a sound store is described: owner, format, segments, snapshots, and what opening would give")
  func sound() throws {
    let scratch = try StoreCopies.compacted()
    let before = try scratch.contents()
    let found = try StoreInspection.inspect(directory: scratch.path)
    #expect(try scratch.contents() == before)
    #expect(found.identity == identity && found.formatVersion == 1 && !found.isInUse && !found.isRejoining)
    #expect(found.snapshots.map(\.index) == [LogIndex(12), LogIndex(16)])
    #expect(found.snapshots.allSatisfy { $0.isWhole })
    #expect(found.segments.last?.contents == .prepared)
    #expect(found.segments.last?.number == found.newestSegment)
    #expect(found.segments.first?.contents == .records(5, entries: LogIndex(13)...LogIndex(16)))
    #expect(found.segments.allSatisfy { $0.bytes == 8192 })
    #expect(found.damage == [] && found.refusal == nil && found.notes == [] && found.foreign == [])
    #expect(found.opening == .restored && found.last == LogIndex(18))
    #expect(found.hardState == HardState(term: Term(1), vote: NodeID(2), commit: LogIndex(18)))
  }

  @Test("all that is wrong is told, and not the first finding alone")
  func several() throws {
    let scratch = try StoreCopies.whole()
    try scratch.flip(FileNames.segment(2), at: scratch.records(2)[1].offset + 60)
    try scratch.directory.remove(FileNames.segment(3))
    try scratch.write(FileNames.segment(4), [])
    try scratch.setVersion(FileNames.segment(5), 2)
    try scratch.write(StoreCopies.snapshot(9), [1, 2, 3])
    let found = try StoreInspection.inspect(directory: scratch.path)
    for name in [2, 3, 4, 5].map(FileNames.segment) + [StoreCopies.snapshot(9)] {
      #expect(found.damage.contains { "\($0)".contains(name) }, "\(name): \(found.damage)")
    }
    #expect(found.damage.count == 5 && found.refusal != nil)
    #expect(found.segments.map(\.number) == [1, 2, 4, 5, 6, 7])
    #expect(found.segments[2].contents == .unreadable && found.segments[3].contents == .unreadable)
  }

  @Test("a torn write is a note and no damage, and is not cut off by looking at it")
  func torn() throws {
    let scratch = try StoreCopies.whole()
    let name = FileNames.segment(6)
    let end = try scratch.read(name).withUnsafeBytes { TornTail.usedEnd($0) }
    try scratch.blank(name, end - 1..<end)
    let before = try scratch.contents()
    let found = try StoreInspection.inspect(directory: scratch.path)
    #expect(found.notes.count == 1 && found.damage == [] && found.opening == .restored)
    #expect(try scratch.contents() == before)
  }

  @Test("an empty directory and one that no store has used are told from a lost one")
  func empty() throws {
    let scratch = Scratch()
    let found = try StoreInspection.inspect(directory: scratch.path)
    #expect(found.identity == nil && found.opening == .fresh && found.damage == [])
    #expect(try scratch.names() == [])
    #expect(throws: StoreError.self) { try StoreInspection.inspect(directory: scratch.path + "/gone") }
  }
}
