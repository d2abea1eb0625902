import Archive
import Desk
import Foundation
import Testing

@testable import Benchmark

@Suite("What was acknowledged, beside what an archive has")
struct AcknowledgedSetTests {
  private func set(_ messages: [(session: String, id: String, body: String)]) -> AcknowledgedSet {
    var set = AcknowledgedSet()
    for message in messages { set.add(session: message.session, id: message.id, body: message.body.utf8) }
    return set
  }

  @Test(
    "is the same in any order, and another one where a message is missing, twice there, or not the one that was said"
  )
  func differs() {
    let said = [("s1", "m1", "hello"), ("s1", "m2", "there"), ("s2", "m3", "hello")]
    let whole = set(said)
    #expect(set(said.reversed()) == whole && whole.count == 3)
    #expect(set(Array(said.dropLast())) != whole)
    #expect(set(said + [said[0]]) != whole)
    #expect(set([said[0], said[0], said[2]]) != whole)
    #expect(set([("s2", "m1", "hello"), said[1], said[2]]) != whole)
    #expect(set([("s1", "m1", "hellp"), said[1], said[2]]) != whole)
    // What was said under the id of another one.
    #expect(set([("s1", "m1", "there"), ("s1", "m2", "hello"), said[2]]) != whole)
  }

  @Test("is read out of an archive over all of its pages")
  func archived() throws {
    let directory = NSTemporaryDirectory() + "switchboard-soak-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let writer = try ArchiveWriter(directory)
    defer { writer.close() }
    let person = Person(id: "ann", role: .customer, name: "Ann")
    var wanted = AcknowledgedSet()
    var rows: [ArchiveRow] = []
    // More than a page has.
    for index in 1...1_500 as ClosedRange<UInt64> {
      let session = try #require(SessionID(index: index, place: 0))
      let message = Message(
        sequence: Sequence(1), id: "m\(index)", sender: person, kind: .text, body: Array("said \(index)".utf8),
        time: 1_793_491_200_000)
      let chunk = try #require(ArchivedChunk(of: [message], in: session, openedAt: 1_793_491_200_000))
      rows.append(.chunk(chunk, RowOrigin(index)))
      wanted.add(session: session.text, id: message.id, body: message.body)
    }
    try writer.write(rows, upTo: 1_500)
    #expect(try AcknowledgedSet(archive: directory) == wanted)
    wanted.add(session: "1", id: "one more", body: "".utf8)
    #expect(try AcknowledgedSet(archive: directory) != wanted)
  }
}
