/// What stands above the desks: which node owns which sessions, which agents are connected to it, and what is to leave the state.
/// One of all desks, lent to the one that is changed.
struct ServerTables: Sendable {
  /// The sessions of each owner that are not closed.
  var owned: [ServerID: RankedSet<OwnedSession>] = [:]
  /// The agents who are present on each server.
  var present: [ServerID: RankedSet<AgentPlace>] = [:]
  /// Sessions that are closed and still in the state, by the time of that.
  var ended = RankedSet<EndedSession>()
  /// Sessions with more messages than stay in the state.
  var overfull: [SessionID] = []
  /// Customers of whom nothing is to be left.
  var erasures = ErasureLedger()
  /// Those that the present entry has erased, for whoever keeps something of them. In no snapshot.
  var erasedOfLate: [ErasedCustomer] = []
  /// Which months are kept.
  var retention = Retention()
  /// The log index of the present entry. In no snapshot.
  var entry: UInt64 = 0
}

/// An agent of some desk: two desks may have one of the same name.
struct AgentPlace: Hashable, Comparable, Sendable {
  var desk: DeskNumber
  var agent: AgentID

  static func < (left: AgentPlace, right: AgentPlace) -> Bool {
    left.desk != right.desk ? left.desk < right.desk : left.agent < right.agent
  }
}
