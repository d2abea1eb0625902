import Desk
import Node
import Raft

/// After the calm: everybody is done, everybody is equal, and nothing that was said is missing.
extension World {
  /// The nodes that belong to the group in the end.
  var group: [SimulatedNode] { nodes.filter { $0.isRunning && !$0.isAstray && membership.contains($0.id) } }

  var isFinished: Bool {
    guard puttingBack == nil, caller?.isDone != false,
      clients.allSatisfy({ client in
        guard case .customer = client.kind else { return client.current == nil }
        return client.current == nil && client.lastWords == 0
      })
    else { return false }
    let group = group
    for node in nodes where node.isRunning && !membership.contains(node.id) { stopIfRemoved(node) }
    guard let first = group.first, first.appliedIndex == checks.lastCommitted,
      group.allSatisfy({ unsettled($0) == nil })
    else { return false }
    return group.allSatisfy { $0.appliedIndex == first.appliedIndex }
  }

  /// What stands against the end, for the report.
  var unfinished: String {
    let busy = clients.indices.filter { clients[$0].current != nil }
    let places = nodes.map { node in
      "\(node.id): \(node.raft.map { "\($0.role) term \($0.term)" } ?? "down"), applied \(node.appliedIndex), "
        + "connected to \(node.links.sorted().map { $0 + 1 }), \(node.disk.queue.count) writes wait"
        + (node.disk.isFull != node.diskIsFull ? ", wrong about its disk" : "")
        + (node.turnIsDue ? ", in a turn" : "") + (node.isFrozen ? ", frozen" : "")
        + (node.process?.node.hasEnded == true ? ", ended" : "")
    }
    return "no progress: \(now - plan.calmAt) us after the last fault, clients \(busy) have no answer; nodes "
      + places.joined(separator: "; ") + (group.compactMap(unsettled).first.map { "; \($0)" } ?? "")
      + (leader?.state.checkInvariants().first.map { "; the leader's state is inconsistent: \($0)" } ?? "")
  }

  /// What is left to be said of agents at a node; nil: nothing.
  func unsettled(_ node: SimulatedNode) -> String? {
    if let waiting = node.process?.node.unsettled { return "node \(node.id) \(waiting)" }
    if node.archive.isWriting || node.process?.node.archiveIsWaiting == true {
      return "node \(node.id) has an archive that is not complete: it is durable to \(node.archive.durable)"
        + (node.archive.isWriting ? ", writes" : "") + (node.archive.needsWhole ? ", needs all" : "")
        + (node.process?.node.archiveHasGap == true ? ", and is to be given all" : "")
    }
    // The node has handed out that its log is cut; the disk may not have done it.
    if !node.disk.queue.isEmpty { return "node \(node.id) has writes that are not on its disk" }
    if node.process?.node.hasPurged == false { return "node \(node.id) has what was erased in its log" }
    if canFill(node) { return "node \(node.id) has gaps in its archive that others can fill" }
    let current = membership
    if let dead = nodes.first(where: {
      !($0.isRunning && current.contains($0.id)) && node.state.isInvolved($0.server)
    }) {
      return "agents or sessions are still on node \(dead.id), which is down or was removed"
    }
    // A clock that ran ahead may have set a deadline that nobody's clock comes near.
    if let due = node.state.nextDeadline, let leader, due <= clock(of: leader) + UInt64(plan.agentGrace) {
      return "chats of agents who are gone are not given back"
    }
    if node.state.hasUnserved { return "a session waits although an agent is free" }
    return nil
  }

  /// Who was on a node that died is not there any more.
  func checkPresences(at node: SimulatedNode) {
    for agent in node.state.desks.flatMap({ $0.agents() }) {
      for presence in agent.presences {
        let life = nodes[Int(presence.server.rawValue) - 1].life
        if life != lives[presence.connection] {
          fail("agent \(agent.id) is present on node \(presence.server), whose process has died since")
        }
      }
    }
  }

  func checkEnd() {
    checkStates()
    if checks.violations.isEmpty { checkErased() }
    if checks.violations.isEmpty { checkDropped() }
    if checks.violations.isEmpty { checkArchives() }
    if checks.violations.isEmpty { checkAudits() }
    if checks.violations.isEmpty { checkTeams() }
    for history in histories
    where checks.violations.isEmpty && !checks.oracle.erased.contains(history.session) {
      checkAcknowledged(history)
      guard checks.violations.isEmpty else { continue }
      if plan.talks { checkReads(history) } else { checkLinearizable(history) }
    }
  }

  private func checkStates() {
    for node in group {
      checks.compare(node.state.encodedSnapshot(), at: node.appliedIndex, by: node)
    }
    if let first = group.first { checkPresences(at: first) }
    if let problem = group.first?.state.checkInvariants().first {
      fail("the state is inconsistent: \(problem)")
    }
  }

  /// What was acknowledged is there, once, at the place that was told; what was refused is not.
  private func checkAcknowledged(_ history: SessionHistory) {
    guard let node = group.first else { return }
    guard let messages = said(in: history.session, at: node) else {
      // All who had it have lost the file that it was in.
      tally.faults["a history lost with its files", default: 0] += 1
      return
    }
    if checks.oracle.mayBeDropped(history.session) {
      // What is left of it is its end.
      let all = checks.oracle.messages(of: history.session)
      if messages.map(\.id) != Array(all.suffix(messages.count)) {
        fail("session \(history.session), of which a part was dropped, has other messages than the log")
      }
      return
    }
    let ids = messages.map { SessionHistory.element(of: $0.id) }
    if Set(ids).count != ids.count { fail("session \(history.session) has a message twice: \(ids)") }
    for (place, message) in messages.enumerated() where message.sequence.rawValue != UInt64(place + 1) {
      fail("session \(history.session) has sequence \(message.sequence.rawValue) at place \(place + 1)")
    }
    if messages.map(\.id) != checks.oracle.messages(of: history.session) {
      fail("session \(history.session) has other messages than the log")
    }
    for record in history.records {
      guard case .append(let id) = record.action else { continue }
      if let position = record.position, position > ids.count || ids[position - 1] != id {
        fail(
          "message \(id) was acknowledged as number \(position) of session \(history.session), and is not there"
        )
      }
      if record.isRefused, ids.contains(id) {
        fail("message \(id) was refused, and is in session \(history.session)")
      }
    }
  }

  /// In the state, or in the archive of whoever has it.
  private func said(in session: SessionID, at node: SimulatedNode) -> [Desk.Message]? {
    let live = node.state.page(session, .after(.zero), limit: .max)?.messages
    if let live, live.first.map({ $0.sequence == Sequence(1) }) ?? true { return live }
    let whole = group.first {
      (live != nil || ((try? $0.archive.session(session)) ?? nil) != nil) && $0.archive.gaps.list.isEmpty
    }
    if let whole {
      let over = whole.archive.messages(of: session)
      guard let live, let first = live.first else { return over }
      tally.longHistories += 1
      return over.filter { $0.sequence < first.sequence } + live
    }
    return group.contains { $0.archive.gaps.list.isEmpty } ? live ?? [] : nil
  }

  /// The same for hundreds of operations, which are too many to look for an order: nothing is ever taken back, so a read is the
  /// beginning of what is there in the end, has what was acknowledged before it was asked for, and nothing that was said later.
  private func checkReads(_ history: SessionHistory) {
    let all = checks.oracle.messages(of: history.session).map(SessionHistory.element)
    for read in history.records {
      guard case .read = read.action, let returned = read.returned, !read.isCut else { continue }
      guard read.elements == Array(all.prefix(read.elements.count)) else {
        return fail("a read of session \(history.session) is not the beginning of what was said there")
      }
      for other in history.records {
        guard let position = other.position else { continue }
        if let end = other.returned, end < read.called, position > read.elements.count {
          return fail(
            "a read of session \(history.session) has \(read.elements.count) messages, and number \(position) was acknowledged before"
          )
        }
        if other.called > returned, position <= read.elements.count {
          return fail("a read of session \(history.session) has message \(position), which was said later")
        }
      }
    }
  }

  private func checkLinearizable(_ history: SessionHistory) {
    let operations = history.records.compactMap { record -> Operation<AppendListModel.Action>? in
      switch record.action {
      case .read:
        // A read without an answer has no effect.
        guard let returned = record.returned, !record.isCut else { return nil }
        return Operation(
          client: record.client, action: .read(record.elements), called: record.called, returned: returned)
      case .append(let id):
        if record.isRefused { return nil }
        return Operation(
          client: record.client, action: .append(id, position: record.position), called: record.called,
          returned: record.returned)
      }
    }
    // What desks have said by themselves has a place in the log, and nobody who has waited for an answer.
    let own = checks.oracle.messages(of: history.session).enumerated().filter {
      $0.element.hasPrefix("reminder/")
    }
    let reminders = own.map { place, id in
      Operation(
        client: -1 - place,
        action: AppendListModel.Action.append(SessionHistory.element(of: id), position: place + 1), called: 0,
        returned: nil)
    }
    switch LinearizabilityChecker(AppendListModel()).check(operations + reminders) {
    case .linearizable: break
    case .undecided: tally.faults["linearizability undecided", default: 0] += 1
    case .violated(let longest, let stuckAt):
      let operation = operations[stuckAt]
      fail(
        "session \(history.session) is not linearizable: after \(longest.count) of \(operations.count) operations, "
          + "client \(operation.client)'s \(operation.action) of \(operation.called) to \(operation.returned ?? -1) "
          + "cannot be explained")
    }
  }
}
