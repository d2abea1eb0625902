internal import Kernel

/// How far the audit of a desk has come: all nodes have the same, in the state. The entries themselves are in archives, and whoever
/// has changed one of them there cannot make it fit.
package struct AuditTrail: Hashable, Sendable {
  package private(set) var count: UInt64 = 0
  /// Of the last entry; of none, where the chain begins.
  package private(set) var head: AuditHash

  init(of desk: DeskNumber) { head = AuditHash(beginningOf: desk) }

  mutating func add(_ note: AuditNote, at time: UInt64, of desk: DeskNumber) -> AuditLink {
    let link = AuditLink(AuditEntry(number: count + 1, time: time, note: note), of: desk, behind: head)
    (count, head) = (link.entry.number, link.hash)
    return link
  }

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(count)
    writer.write(raw: head.bytes)
  }

  init(from reader: inout ByteReader, of desk: DeskNumber) throws(DecodingFailure) {
    count = try reader.readVarint()
    guard let head = AuditHash(bytes: try reader.readRaw(count: AuditHash.byteCount)) else {
      throw .invalid("the head of an audit has the wrong length")
    }
    guard count > 0 || head == AuditHash(beginningOf: desk) else {
      throw .invalid("an audit without entries has a head")
    }
    self.head = head
  }
}

extension DeskState {
  /// At level 8 and later: below it nobody notes anything.
  mutating func note(_ note: @autoclosure () -> AuditNote, into effects: inout [Effect]) {
    guard level >= .eighth else { return }
    effects.append(.audited(audit.add(note(), at: now, of: number)))
  }
}

extension ReplicatedState {
  /// nil: there is no such desk.
  package func audit(of desk: DeskNumber) -> AuditTrail? { look(desk) { $0.audit } }
}
