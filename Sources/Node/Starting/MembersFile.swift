package import Protocol
import Raft

/// The members in the configuration file, held against what the disk says. The file tells a node where it finds the
/// others before it knows its cluster; it never says who votes. One that tells another story than the disk is refused:
/// whoever wrote it expects something that does not happen.
package struct MembersFile: Sendable {
  let members: [MemberAddress]
  let thisNode: MemberAddress

  package init(members: [MemberAddress], thisNode: MemberAddress) {
    self.members = members
    self.thisNode = thisNode
  }

  var ids: [NodeID] { members.map { NodeID($0.id) }.sorted() }

  /// Why the node must not start with this file; nil when it may.
  ///
  /// A file need not follow the changes of the running cluster. It may be the one of the last start, or name all members
  /// of the first configuration that the disk has known, or all of the newest one, and others beside them that were
  /// members once; but nobody whom the disk has never known.
  ///
  /// - Parameters:
  ///   - current: the newest configuration on the disk.
  ///   - record: nil at the first start under a release that keeps one. Then earlier members may be forgotten, and it is
  ///     enough that the file names somebody of today.
  func disagreement(with current: Membership, record: MembersRecord?) -> String? {
    if let reason = borrowedAddress(current) { return words(reason, current) }
    guard let record, !record.file.isEmpty else {
      let others = current.members.filter { $0 != NodeID(thisNode.id) }
      return others.isEmpty || others.contains { ids.contains($0) }
        ? nil : words("it names none of them beside this node", current)
    }
    if ids == record.file { return nil }
    // Every file names the node itself, also that of one that was removed and is to be taken in again.
    let known = record.known + current.members + [NodeID(thisNode.id)]
    let strangers = ids.filter { !known.contains($0) }
    if !strangers.isEmpty {
      return words(
        "it names \(names(strangers, current)), which was no member as far as this disk knows (one that was taken in "
          + "while this node was down comes into the file later)", current)
    }
    let lacking = current.members.filter { !ids.contains($0) }
    let namesFirst = !record.first.isEmpty && record.first.allSatisfy { ids.contains($0) }
    return lacking.isEmpty || namesFirst ? nil : words("it lacks \(names(lacking, current))", current)
  }

  /// An address of one member under the number of another: two lines were mixed up. That a former member had the address
  /// of one of today is fine: so it is when a node took the place of another on the same machine.
  private func borrowedAddress(_ current: Membership) -> String? {
    for member in members where current.contains(NodeID(member.id)) {
      for id in current.members where id != NodeID(member.id) {
        guard let text = current.address(of: id), let known = MemberAddress(id: id.rawValue, text: text),
          known.peerAddress == member.peerAddress || known.name == member.name
        else { continue }
        return "it gives node \(member.id) the name or the address of \(known.name)"
      }
    }
    return nil
  }

  /// What is no reason to stay down, and should be known; nil when there is nothing.
  func remark(on current: Membership) -> String? {
    guard let text = current.address(of: NodeID(thisNode.id)),
      let known = MemberAddress(id: thisNode.id, text: text), known != thisNode
    else { return nil }
    return
      "the cluster knows this node as \"\(text)\" and `members` says \"\(thisNode.text)\": it says so to "
      + "the others, and the leader writes it to the log"
  }

  private func words(_ reason: String, _ current: Membership) -> String {
    "`members` in the configuration does not fit the data of this node: \(reason). The members are "
      + "\(names(current.members, current)); that is on the disk, and a file does not change it. Let `members` name "
      + "them; who belongs to the cluster is changed while it runs, with `switchboard cluster add` and "
      + "`switchboard cluster remove`"
  }

  func names(_ ids: [NodeID], _ membership: Membership) -> String {
    ids.map { id in
      let known = membership.address(of: id).flatMap { MemberAddress(id: id.rawValue, text: $0)?.name }
      return known ?? members.first { $0.id == id.rawValue }?.name ?? "node\(id)"
    }.joined(separator: ", ")
  }
}
