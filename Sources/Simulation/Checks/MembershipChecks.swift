import Raft

/// Configurations change one at a time, through joint ones (dissertation, section 4.3).
extension Checks {
  /// A leader appends a configuration only when the one before it, and an entry of its own term, are committed.
  func checkConfigurations(_ write: Write, _ raft: inout RaftNode, by node: SimulatedNode) {
    guard let first = write.entries.first else { return }
    node.membershipIndexes.removeAll { $0 >= first.index }
    for entry in write.entries where entry.kind == .membership {
      if raft.role == .leader, entry.term == raft.term {
        if let last = node.membershipIndexes.last, last > raft.commitIndex {
          fail(
            "the leader \(node.id) appends configuration \(entry.index) while that of \(last) is not committed")
        }
        if raft.term(at: raft.commitIndex) != raft.term {
          fail(
            "the leader \(node.id) appends configuration \(entry.index) before an entry of its term is committed"
          )
        }
      }
      node.membershipIndexes.append(entry.index)
    }
  }

  /// A snapshot says who was a member at its index, whatever the log says after it.
  func sawSnapshot(_ meta: SnapshotMeta, by node: SimulatedNode, in world: World) {
    let expected = memberships.last { $0.index <= meta.index }?.membership ?? world.firstMembership
    if meta.membership != expected {
      fail("the snapshot of \(meta.index) at node \(node.id) has the membership of another index")
    }
  }

  /// A configuration is committed.
  func sawConfiguration(_ entry: Entry, in world: World) {
    guard let next = try? Membership(encoded: entry.data) else {
      return fail("configuration \(entry.index) cannot be read")
    }
    let before = membership ?? world.firstMembership
    let isLegal =
      if before.isJoint {
        !next.isJoint && next.voters == before.voters
      } else if next.isJoint {
        next.outgoing == before.voters
      } else {
        next.voters == before.voters
      }
    if !isLegal {
      fail(
        "configuration \(entry.index) goes from \(before.voters)/\(before.outgoing) to \(next.voters)/\(next.outgoing) "
          + "in one step")
    }
    membership = next
    memberships.append((entry.index, next))
    world.groupChanged(next)
  }
}
