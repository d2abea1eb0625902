internal import Kernel

/// The sessions of each customer that are not closed, in the order in which they were opened. They follow from the
/// sessions, decide nothing in the state machine, and are in no snapshot: whoever comes back without having kept anything
/// finds its own by them.
struct OpenSessions: Sendable {
  private var byCustomer: ShardedMap<TextKey, [SessionID]>

  init(exponent: Int) { byCustomer = ShardedMap(exponent: exponent) }

  /// Customers who have one.
  var count: Int { byCustomer.count }

  func sessions(of customer: String) -> [SessionID] { byCustomer[TextKey(customer)] ?? [] }

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
  private static func place(of session: SessionID, in sessions: [SessionID]) -> Int {
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
  /// The open sessions of a person, newest first: those that a customer has opened, those that anybody else serves.
  ///
  /// - Parameter limit: so many at the most.
  package func openSessions(of person: Person, limit: Int) -> (sessions: [SessionID], more: Bool) {
    let newest: [SessionID]
    let count: Int
    if person.role == .customer {
      let all = opened.sessions(of: person.id)
      newest = all.suffix(max(0, limit))
      count = all.count
    } else {
      let agent = AgentID(person.id)
      newest = agentTable.read(agent) { $0.chatSet.suffix(limit) } ?? []
      count = agentTable.read(agent) { $0.chatCount } ?? 0
    }
    return (newest.reversed(), count > newest.count)
  }
}
