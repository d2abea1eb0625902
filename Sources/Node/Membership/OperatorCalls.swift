import Desk
import Kernel
package import Protocol
package import Raft

/// What operators and the HTTP interface ask.
extension Node {
  mutating func take(_ call: NodeCall, _ number: UInt64) {
    switch call {
    case .change(let wanted): begin(wanted, for: number)
    case .transferLeadership(let name): transferLeadership(to: name, for: number)
    case .drain(let isDraining): drain(isDraining, for: number)
    case .snapshot: askForSnapshot(number)
    case .read:
      if let failure = readFailureNow() {
        output.answers.append((number, .readable(failure)))
      } else if reads.count >= configuration.maxReads {
        output.answers.append((number, .readable(.tooManyRequests)))
      } else {
        reads.wait(.call(number), since: now)
      }
    case .noteRead(let person, let desk, let session): noteForCall(person, desk, session, number)
    case .follow(let name): output.answers.append((number, .following(follow(name))))
    }
  }

  /// The node ends: whoever waits is told, for they would wait for ever.
  mutating func abandonCalls() {
    for transfer in group.takeTransfers() {
      output.answers.append(
        (transfer.call, .transferred(.failure(.busy("this node stops: ask another")))))
    }
    giveUpSnapshots("this node stops: ask it again when it is back")
    for case .call(let number) in reads.takeAll() {
      let failure = Failure(.busy, "this node is stopping; try another", retryAfterMilliseconds: 500)
      output.answers.append((number, .readable(failure)))
    }
    abandonNotes()
    for wait in group.takeChanges() {
      output.answers.append(
        (
          wait.call,
          .changed(
            .success(.pending("this node stops, and the next leader goes on with it; see the status page")))
        ))
    }
    for call in drain.takeAll() { output.answers.append((call, .drained)) }
  }

  // MARK: Members

  private mutating func begin(_ change: MemberChange, for call: UInt64) {
    let result: Result<MemberChangeOutcome, ControlFailure>
    do throws(ControlFailure) {
      switch raft.changeMembership(try membershipChange(for: change)) {
      case .appended(let index):
        note(.notice, "a change of the members begins", ("change", "\(change)"), ("index", "\(index)"))
        return group.waitForChange(change, call: call, since: now)
      case .unchanged: result = .success(.unchanged)
      case .notLeader: result = .failure(.notLeader(leaderAddress))
      case .busy(let reason): result = .failure(.busy(reason))
      case .refused(let reason): result = .failure(.refused(reason))
      }
    } catch { result = .failure(error) }
    output.answers.append((call, .changed(result)))
  }

  /// Answers those who have begun a change: once it is done, and after a while that it is not.
  mutating func reportChanges() {
    guard group.isChanging else { return }
    for wait in group.takeChanges() {
      if isDone(wait.change) {
        output.answers.append((wait.call, .changed(.success(.done))))
      } else if raft.role != .leader || now - wait.since >= Group.changePatience {
        output.answers.append((wait.call, .changed(.success(.pending(whatIsMissing(for: wait.change))))))
      } else {
        group.waitForChange(wait.change, call: wait.call, since: wait.since)
      }
    }
  }

  private func isDone(_ change: MemberChange) -> Bool {
    guard raft.membershipIndex <= raft.commitIndex, !raft.membership.isJoint else { return false }
    switch change {
    case .add(let address): return isVoter(address)
    case .remove(let name): return !group.members.contains { $0.name == name }
    case .replace(let name, let address):
      return isVoter(address) && !group.members.contains { $0.name == name }
    }
  }

  private func isVoter(_ address: MemberAddress) -> Bool {
    raft.membership.voters.contains(NodeID(address.id))
      && raft.membership.address(of: NodeID(address.id)) == address.text
  }

  private func whatIsMissing(for change: MemberChange) -> String {
    if raft.role != .leader {
      return
        "this node leads no longer, and the next leader goes on with it; see `change` and `members` of the status page"
    }
    switch change {
    case .add(let address), .replace(_, let address):
      let isThere = peers.isConnected(NodeID(address.id))
      return isThere
        ? "\(address.name) gets the log and votes once it has caught up; see `change` of the status page"
        : "\(address.name) cannot be reached at \(address.peerAddress): start it, and it votes once it has caught up; "
          + "`DELETE /v1/cluster/members/\(address.name)` takes it back; see `change` of the status page"
    case .remove(let name):
      return "\(name) is out once a majority has stored it; see `change` and `members` of the status page"
    }
  }

  private func membershipChange(for change: MemberChange) throws(ControlFailure) -> MembershipChange {
    guard raft.role == .leader else { throw ControlFailure.notLeader(leaderAddress) }
    switch change {
    case .add(let address):
      return try adding(address, removing: [])
    case .remove(let name):
      return MembershipChange(remove: [try member(named: name)])
    case .replace(let name, let address):
      return try adding(address, removing: [try member(named: name)])
    }
  }

  private func adding(
    _ address: MemberAddress, removing: [NodeID]
  ) throws(ControlFailure) -> MembershipChange {
    if let problem = address.problem { throw ControlFailure.refused(problem) }
    try refuseBelowLevel(address)
    try refuseOtherAddress(address)
    for known in group.members where known.id != address.id {
      if known.name == address.name || known.peerAddress == address.peerAddress
        || known.clientURL == address.clientURL
      {
        throw ControlFailure.refused(
          "\(known.name) has this name or address already: every node needs its own")
      }
    }
    let id = NodeID(address.id)
    return MembershipChange(add: [id], remove: removing, addresses: [.init(id: id, text: address.text)])
  }

  /// The number of a member is no name for another node. One that has moved says so itself; whoever says it for one that
  /// answers where it was is mistaken in the number.
  private func refuseOtherAddress(_ address: MemberAddress) throws(ControlFailure) {
    let id = NodeID(address.id)
    guard raft.membership.contains(id), let known = group.members.first(where: { $0.id == address.id }),
      known != address
    else { return }
    guard id == raft.id || peers.isConnected(id) && !isSilent(id) else { return }
    throw ControlFailure.refused(
      "number \(address.id) is \(known.name), a member that answers at \(known.peerAddress): a new node needs a number that "
        + "was never used; to move \(known.name), start it with its data at its new address, and it says so itself"
    )
  }

  package func member(named name: String) throws(ControlFailure) -> NodeID {
    guard let known = group.members.first(where: { $0.name == name }),
      raft.membership.contains(NodeID(known.id))
    else {
      let names = group.members.map(\.name).joined(separator: ", ")
      throw ControlFailure.notFound("there is no member \(name); the members are \(names)")
    }
    return NodeID(known.id)
  }

  private var leaderAddress: MemberAddress? {
    raft.leader.flatMap { leader in group.members.first { $0.id == leader.rawValue } }
  }

  // MARK: Leadership

  private mutating func transferLeadership(to name: String?, for call: UInt64) {
    func report(_ failure: ControlFailure) -> (UInt64, NodeAnswer) { (call, .transferred(.failure(failure))) }
    guard raft.role == .leader else { return output.answers.append(report(.notLeader(leaderAddress))) }
    var target: NodeID?
    if let name {
      do { target = try member(named: name) } catch { return output.answers.append(report(error)) }
    }
    if let reason = reasonNotToLead(target) { return output.answers.append(report(.refused(reason))) }
    switch raft.transferLeadership(to: target) {
    case .begun(let target):
      note(.notice, "leadership is handed over", ("to", self.name(of: target)))
      group.waitForTransfer(call, since: now)
    case .alreadyLeading:
      output.answers.append(report(.refused("\(self.name(of: raft.id)) leads already")))
    case .notLeader: output.answers.append(report(.notLeader(leaderAddress)))
    case .noTarget(let reason): output.answers.append(report(.refused(reason)))
    }
  }

  /// Answers those who wait for another leader, once there is one or the transfer was given up.
  mutating func reportTransfers() {
    guard !group.transfers.isEmpty else { return }
    if raft.role != .leader, let leader = raft.leader {
      for transfer in group.takeTransfers() {
        let report = TransferReport(
          from: name(of: raft.id), to: name(of: leader), milliseconds: (now - transfer.since).seconds * 1e3)
        output.answers.append((transfer.call, .transferred(.success(report))))
      }
    } else if raft.role == .leader, raft.transferTarget == nil {
      let failure = ControlFailure.busy(
        "the target did not take over in time, and this node goes on leading: try again")
      for transfer in group.takeTransfers() {
        output.answers.append((transfer.call, .transferred(.failure(failure))))
      }
    }
  }
}
