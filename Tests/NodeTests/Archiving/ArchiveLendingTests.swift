import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

@Suite("A node whose archive another one's is filled from")
struct ArchiveLendingTests {
  private func node() throws -> LoneNode {
    var restored = RestoredNode()
    restored.archived = .zero
    var node = try LoneNode(restored: restored)
    node.raiseLevel(.sixth)
    return node
  }

  /// Node 2 asks for all up to there. What the node reads for it, and what it is told at once.
  private func ask(
    _ node: inout LoneNode, upTo: LogIndex, number: UInt64
  ) -> (reads: [ArchivePageRead], told: [ArchiveTalk]) {
    node.forget()
    let request = ArchivePageRequest(
      gap: ArchiveGap(after: 0, upTo: upTo.rawValue), place: nil, takesIncomplete: false)
    node.take(.peer(.archive(.ask(number: number, request)), from: NodeID(2)))
    let reads = node.turn().archivePageReads
    let told = node.frames.compactMap { if case .archive(let talk) = $0.content { talk } else { nil } }
    return (reads, told)
  }

  private func isBusy(_ told: [ArchiveTalk]) -> Bool {
    told.contains { if case .busy = $0 { true } else { false } }
  }

  @Test(
    "writes first how far the log is, where nothing is over: it would be all of nothing that the other one wants"
  )
  func quiet() throws {
    var node = try node()
    for _ in 0..<8 { node.commit([]) }
    node.archived = []
    let first = ask(&node, upTo: node.last, number: 1)
    #expect(first.reads.isEmpty && isBusy(first.told))
    let batch = try #require(node.archived.first)
    #expect(batch.upTo == node.last && batch.rows.isEmpty)
    node.take(.archived(batch.upTo))
    let second = ask(&node, upTo: node.last, number: 2)
    #expect(second.reads.count == 1 && second.told.isEmpty)
  }

  @Test("gives what it has where it cannot get as far: its log is not, or its archive cannot be written")
  func cannot() throws {
    var node = try node()
    for _ in 0..<8 { node.commit([]) }
    #expect(ask(&node, upTo: LogIndex(node.last.rawValue + 1), number: 1).reads.count == 1)
    node.take(.archiveFailed("no space left on device", needsWhole: false))
    node.endTurn()
    #expect(ask(&node, upTo: node.last, number: 2).reads.count == 1)
  }
}
