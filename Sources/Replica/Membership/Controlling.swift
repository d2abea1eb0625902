import Logging
import NIOCore
import Peering
internal import Protocol
import Raft

/// Operators' requests, on the replica's thread.
extension ReplicaCore {
  func change(_ change: MemberChange) throws -> Bool {
    takeTime()
    let wanted = try membershipChange(for: change)
    defer { scheduleTurnEnd() }
    switch raft.changeMembership(wanted) {
    case .appended(let index):
      logger.notice("a change of the members begins", metadata: ["change": "\(change)", "index": "\(index)"])
      return true
    case .unchanged: return false
    case .notLeader: throw ControlFailure.notLeader(leaderAddress)
    case .busy(let reason): throw ControlFailure.busy(reason)
    case .refused(let reason): throw ControlFailure.refused(reason)
    }
  }

  private func membershipChange(for change: MemberChange) throws -> MembershipChange {
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

  private func adding(_ address: MemberAddress, removing: [NodeID]) throws -> MembershipChange {
    if let problem = address.problem { throw ControlFailure.refused(problem) }
    try refuseBelowLevel(address)
    for known in members where known.id != address.id {
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

  func member(named name: String) throws -> NodeID {
    guard let known = members.first(where: { $0.name == name }), raft.membership.contains(NodeID(known.id))
    else {
      let names = members.map(\.name).joined(separator: ", ")
      throw ControlFailure.notFound("there is no member \(name); the members are \(names)")
    }
    return NodeID(known.id)
  }

  var leaderAddress: MemberAddress? {
    raft.leader.flatMap { leader in members.first { $0.id == leader.rawValue } }
  }

  // MARK: leadership

  struct TransferWaiter {
    let since: NIODeadline
    let report: @Sendable (Result<TransferReport, ControlFailure>) -> Void
  }

  func transferLeadership(
    to name: String?, report: @escaping @Sendable (Result<TransferReport, ControlFailure>) -> Void
  ) {
    takeTime()
    guard raft.role == .leader else { return report(.failure(.notLeader(leaderAddress))) }
    var target: NodeID?
    if let name {
      do { target = try member(named: name) } catch let failure as ControlFailure {
        return report(.failure(failure))
      } catch { return report(.failure(.refused("\(error)"))) }
    }
    if let reason = reasonNotToLead(target) { return report(.failure(.refused(reason))) }
    switch raft.transferLeadership(to: target) {
    case .begun(let target):
      logger.notice("leadership is handed over", metadata: ["to": "\(self.name(of: target))"])
      transferWaiters.append(TransferWaiter(since: now, report: report))
    case .alreadyLeading: report(.failure(.refused("\(self.name(of: raft.id)) leads already")))
    case .notLeader: report(.failure(.notLeader(leaderAddress)))
    case .noTarget(let reason): report(.failure(.refused(reason)))
    }
    scheduleTurnEnd()
  }

  /// Answers those who wait for another leader, once there is one or the transfer was given up.
  func reportTransfers() {
    guard !transferWaiters.isEmpty else { return }
    let result: Result<TransferReport, ControlFailure>?
    if raft.role != .leader, let leader = raft.leader {
      result = .success(
        TransferReport(from: name(of: raft.id), to: name(of: leader), milliseconds: 0))
    } else if raft.role == .leader, raft.transferTarget == nil {
      result = .failure(.busy("the target did not take over in time, and this node goes on leading: try again"))
    } else {
      result = nil
    }
    guard let result else { return }
    let waiters = transferWaiters
    transferWaiters = []
    for waiter in waiters {
      waiter.report(
        result.map { report in
          var report = report
          report.milliseconds = Double((NIODeadline.now() - waiter.since).nanoseconds) / 1e6
          return report
        })
    }
  }

  func abandonTransfers() {
    for waiter in transferWaiters { waiter.report(.failure(.busy("this node stops: ask another"))) }
    transferWaiters = []
  }
}
