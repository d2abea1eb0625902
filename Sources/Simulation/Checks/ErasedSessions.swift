import Desk
import Raft

/// All of a customer goes when somebody says so, and does not come back.
extension Oracle {
  /// - Returns: what is wrong; nil: nothing.
  mutating func apply(
    _ envelope: DeskEnvelope, _ answer: Answer?, _ ownerNow: (SessionID) -> Standing?
  ) -> String? {
    guard let erase = envelope.record.opened(as: EraseCustomer.self) else { return nil }
    let customer = Customer(desk: envelope.desk, id: erase.customer)
    let isOpen = !(open[customer] ?? []).isEmpty
    let ended = sessions.filter { $0.value.isClosed && $0.value.customer == customer }.keys.sorted()
    switch answer {
    case .done:
      let key = "\(envelope.by.id)\u{0}\(envelope.record.requestID)"
      guard erasures.insert(key).inserted else { break }
      if isOpen { return "customer \(customer.id) is erased while a session is open" }
      if let stays = ended.first(where: { ownerNow($0) != nil }) {
        return "customer \(customer.id) is erased, and session \(stays) stays"
      }
      for (id, other) in customers where other == customer { erased.insert(id) }
      for id in ended { forget(id) }
    case .refused(.customerInUse):
      if !isOpen { return "customer \(customer.id) has no open session, and is not erased" }
    case .refused(.forbidden), .refused(.conflict), .refused(.noSuchDesk), .refused(.earlierLife),
      .refused(.tooManyErasures), nil:
      break
    case .refused, .opened, .stored: return "an erasure is answered \(String(describing: answer))"
    }
    return nil
  }
}

extension World {
  /// What was erased is in no archive, no log and no snapshot.
  func checkErased() {
    for node in group where checks.violations.isEmpty {
      if let session = node.archive.sessions.first(where: { checks.oracle.erased.contains($0) }) {
        fail("the archive of node \(node.id) has session \(session), which was erased")
      }
      let last = node.state.lastErasure
      if let first = node.disk.entries.first?.index.rawValue, first <= last {
        fail("the log of node \(node.id) begins at \(first), and somebody was erased by entry \(last)")
      }
      if let snapshot = node.disk.snapshot?.meta.index.rawValue, snapshot < last {
        fail("node \(node.id) has a snapshot of \(snapshot), and somebody was erased by entry \(last)")
      }
    }
  }

  /// Somebody who keeps the house in order.
  func makeKeeper() {
    let person = Person(id: "keeper", role: .admin, name: "Keeper")
    add(
      .keeper, person, of: nil, first: eraseDice.below(nodes.count), connects: eraseDice.below(20_000),
      acts: eraseDice.below(plan.clientPause * 2))
  }

  /// - Returns: nil: not now.
  func keeperWish(_ client: Int) -> ClientWish? {
    guard !isCalm else { return nil }
    if let last = clients[client].lastErased, eraseDice.chance(permille: 200) {
      return .erase(last.customer, id: last.id)
    }
    clients[client].performed += 1
    let wish = (customer: "v\(eraseDice.below(plan.visitors))", id: "e\(clients[client].performed)")
    clients[client].lastErased = wish
    return .erase(wish.customer, id: wish.id)
  }
}
