internal import Kernel

/// Some sessions of each customer, in the order in which they were opened: those that are not closed, by which whoever comes back
/// without having kept anything finds its own; and those that are closed and not gone yet. They follow from the sessions and are in
/// no snapshot.
struct SessionsOfCustomers: Sendable {
  private var byCustomer: ShardedMap<TextKey, [SessionID]>

  init(exponent: Int) { byCustomer = ShardedMap(exponent: exponent) }

  mutating func drop(_ shard: Int) { byCustomer.drop(shard) }

  /// Customers who have one.
  var count: Int { byCustomer.count }

  func sessions(of customer: String) -> [SessionID] { byCustomer[TextKey(customer)] ?? [] }

  /// The newest of all, newest first. Looks at each open session.
  func newest(_ limit: Int) -> [SessionID] {
    var all: [SessionID] = []
    for shard in byCustomer.shards { for sessions in shard.values { all += sessions } }
    all.sort(by: >)
    return Array(all.prefix(limit))
  }

  mutating func insert(_ session: SessionID, of customer: String) {
    let customer = TextKey(customer)
    let isKnown: Void? = byCustomer.update(customer) { sessions in
      // Ids rise with the log; those of a snapshot come in any order.
      let place = Self.place(of: session, in: sessions)
      sessions.insert(session, at: place)
    }
    if isKnown == nil { byCustomer.set(customer, to: [session]) }
  }

  mutating func remove(_ session: SessionID, of customer: String) {
    let customer = TextKey(customer)
    let isEmpty = byCustomer.update(customer) { sessions in
      let place = Self.place(of: session, in: sessions)
      if place < sessions.count, sessions[place] == session { sessions.remove(at: place) }
      return sessions.isEmpty
    }
    if isEmpty == true { byCustomer.remove(customer) }
  }

  /// The first place whose session is not below.
  fileprivate static func place(of session: SessionID, in sessions: [SessionID]) -> Int {
    var low = 0
    var high = sessions.count
    while low < high {
      let middle = (low + high) / 2
      if sessions[middle] < session { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension DeskState {
  /// Whether the agent serves an open session of that customer. A customer has few.
  package func serves(_ agent: AgentID, customer: String) -> Bool { agents(serving: customer).contains(agent) }

  /// Who serves an open session of that customer.
  package func agents(serving customer: String) -> [AgentID] {
    opened.sessions(of: customer).flatMap { id in sessionTable.read(id) { $0.agents } ?? [] }
  }

  /// Whether the person may read what was said in a session: whoever may follow it, and an agent who serves its customer now,
  /// once it is over.
  package func mayRead(_ person: Person, session: SessionID) -> Bool {
    guard let found = self.session(session) else { return false }
    return person.mayRead(
      sessionOf: found.customer, servedBy: found.agents,
      or: found.invited + (found.isClosed ? agents(serving: found.customer.id) : []))
  }

  /// The open sessions of a person, newest first: those that a customer has opened, those that anybody else serves.
  ///
  /// - Parameters:
  ///   - before: only those that were opened before this one; nil: from the newest one on.
  ///   - limit: so many at the most.
  package func openSessions(
    of person: Person, before: SessionID? = nil, limit: Int
  ) -> (sessions: [SessionID], more: Bool) {
    let limit = max(0, limit)
    // One more than that tells whether there are older ones.
    let newest: [SessionID]
    if person.role == .customer {
      let all = opened.sessions(of: person.id)
      newest = all[..<(before.map { SessionsOfCustomers.place(of: $0, in: all) } ?? all.count)].suffix(
        limit + 1)
    } else {
      newest = agentTable.read(AgentID(person.id)) { $0.chatSet.suffix(limit + 1, before: before) } ?? []
    }
    return (newest.suffix(limit).reversed(), newest.count > limit)
  }
}
