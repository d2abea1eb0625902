/// A customer of whom the present entry has erased everything.
package struct ErasedCustomer: Hashable, Sendable {
  package var desk: DeskNumber
  package var customer: String
  /// The entry's: sessions that were opened before go, in archives too.
  package var index: UInt64
  /// Those that were in the state.
  package var sessions: [SessionID]
  /// In ms since 1970.
  package var time: UInt64

  package init(desk: DeskNumber, customer: String, index: UInt64, sessions: [SessionID] = [], time: UInt64) {
    (self.desk, self.customer, self.index) = (desk, customer, index)
    (self.sessions, self.time) = (sessions, time)
  }

  package var mark: ErasureMark { ErasureMark(desk: desk, customer: customer) }
  package var entry: ErasureLedger.Entry {
    ErasureLedger.Entry(mark: mark, index: index, time: time)
  }
}

extension DeskState {
  /// Sessions that are over go at once; whoever has asked has made sure that none is open.
  mutating func erase(_ customer: String) {
    let sessions = over.sessions(of: customer)
    for id in sessions {
      guard let closedAt = sessionTable.read(id, { $0.closedAt }) ?? nil else { continue }
      servers.ended.remove(EndedSession(time: closedAt, id: id))
      retire(id)
    }
    // Below level 9 the desk remembers what staff has done, and nobody else.
    if level >= AnnotateSession.since { done.forget(customer: customer) }
    let erased = ErasedCustomer(
      desk: number, customer: customer, index: servers.entry, sessions: sessions, time: now)
    servers.erasures.add(erased.entry)
    servers.erasedOfLate.append(erased)
  }
}
