import Node
package import Storage

extension ReplicaOptions {
  /// Whether a node would start with these members on this disk.
  ///
  /// - Returns: what its start would say of them.
  /// - Throws: why it would not start, in words for the operator.
  package func check(against disk: RecoveredState) throws -> [String] {
    let file = MembersFile(members: node.members, thisNode: node.thisNode)
    return try StartDecision(DiskFindings(disk), file: file).notes
  }
}
