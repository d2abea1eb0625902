import Node
import Raft

/// Logs match, and what is committed never changes.
extension Checks {
  /// Log matching by induction: an index and a term stand for one entry after one predecessor.
  func sawWrite(_ write: Write, _ raft: inout RaftNode, by node: SimulatedNode) {
    guard let first = write.entries.first else { return }
    if node.membershipIndexes.last ?? .zero >= first.index
      || write.entries.contains(where: { $0.kind == .membership })
    {
      checkConfigurations(write, &raft, by: node)
    }
    guard var previous = raft.term(at: first.index.previous) else { return }
    for entry in write.entries {
      let digest = Digest.mix(
        Digest.of(entry.data, from: Digest.mix(entry.time, UInt64(entry.kind.rawValue))), UInt64(entry.checksum)
      )
      let position = Position(index: entry.index, term: entry.term)
      if let known = written[position] {
        if isBegunAnew(entry, at: node) {
          written[position] = Written(digest: digest, previous: previous)
        } else if known.digest != digest || known.previous != previous {
          fail("entry \(entry.index) of term \(entry.term) is two different ones (node \(node.id))")
        }
      } else {
        written[position] = Written(digest: digest, previous: previous)
      }
      previous = entry.term
    }
  }

  /// The process that was beginning a cluster had an end before its first entry was on the disk, and nobody has it: the next
  /// one begins another cluster.
  private func isBegunAnew(_ entry: Entry, at node: SimulatedNode) -> Bool {
    entry.index == LogIndex(1) && entry.kind == .membership && committed.isEmpty
      && node.disk.beginning != nil && node.disk.lastIndex == .zero
  }

  /// A node is about to apply an entry.
  /// - Returns: false when that must not happen.
  func sawCommitted(_ entry: Entry, by node: SimulatedNode, in world: World) -> Bool {
    let position = Int(entry.index.rawValue) - 1
    if position < committed.count {
      if committed[position].entry != entry {
        fail(
          "node \(node.id) commits another entry \(entry.index): of term \(entry.term), and of term "
            + "\(committed[position].entry.term) before")
      }
      return violations.isEmpty
    }
    if let last = committed.last?.entry, entry.time < last.time || entry.term < last.term {
      fail(
        "entry \(entry.index) goes back from time \(last.time) and term \(last.term) to \(entry.time) and "
          + "\(entry.term)")
    }
    var knownIn = entry.term
    for other in world.nodes { knownIn = max(knownIn, other.process?.node.raft.term ?? .zero) }
    committed.append(CommittedEntry(entry: entry, knownIn: knownIn, effects: nil))
    world.tally.entriesCommitted += 1
    if entry.kind == .membership { sawConfiguration(entry, in: world) }
    return violations.isEmpty
  }
}
