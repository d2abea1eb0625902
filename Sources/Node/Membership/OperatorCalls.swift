import Kernel
package import Protocol
package import Raft

/// What operators and the HTTP interface ask.
extension Node {
  mutating func take(_ call: NodeCall, _ number: UInt64) {
    switch call {
    case .change(let wanted): output.answers.append((number, .changed(change(wanted))))
    case .transferLeadership(let name): transferLeadership(to: name, for: number)
    case .drain(let isDraining): drain(isDraining, for: number)
    case .read:
      if let failure = readFailureNow() {
        output.answers.append((number, .readable(failure)))
      } else if reads.count >= configuration.maxReads {
        output.answers.append((number, .readable(.tooManyRequests)))
      } else {
        reads.wait(.call(number), since: now)
      }
    }
  }

  /// The node ends: whoever waits is told, for they would wait for ever.
  mutating func abandonCalls() {
    for transfer in group.takeTransfers() {
      output.answers.append(
        (transfer.call, .transferred(.failure(.busy("this node stops: ask another")))))
    }
    for case .call(let number) in reads.takeAll() {
      let failure = Failure(.busy, "this node is stopping; try another", retryAfterMilliseconds: 500)
      output.answers.append((number, .readable(failure)))
    }
    for call in drain.takeAll() { output.answers.append((call, .drained)) }
  }

  // MARK: Members

  private mutating func change(_ change: MemberChange) -> Result<Bool, ControlFailure> {
    let wanted: MembershipChange
    do { wanted = try membershipChange(for: change) } catch { return .failure(error) }
    switch raft.changeMembership(wanted) {
    case .appended(let index):
      note(.notice, "a change of the members begins", ("change", "\(change)"), ("index", "\(index)"))
      return .success(true)
    case .unchanged: return .success(false)
    case .notLeader: return .failure(.notLeader(leaderAddress))
    case .busy(let reason): return .failure(.busy(reason))
    case .refused(let reason): return .failure(.refused(reason))
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
