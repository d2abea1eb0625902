package import Desk
import Kernel
import Protocol

/// Customers who ask over HTTP, one request after the other, and hold no connection: one is there for a while after each
/// request, or whoever polls would be taken for gone between two polls, and would lose their place in the line.
struct Visits {
  /// Sessions at the most; whoever comes above it is not noted, and is there for the time of the request alone.
  static let limit = 100_000

  private struct Visit {
    var person: Person
    var last: Instant
  }

  private let patience: Span
  private var visits: [SessionID: Visit] = [:]

  init(_ patience: AbsencePatience) { self.patience = .milliseconds(Int64(patience.visited)) }

  var count: Int { visits.count }

  /// - Returns: whether nobody was noted in that session before.
  mutating func note(_ person: Person, in session: SessionID, at now: Instant) -> Bool {
    guard visits[session] == nil else {
      visits[session] = Visit(person: person, last: now)
      return false
    }
    guard visits.count < Self.limit else { return false }
    visits[session] = Visit(person: person, last: now)
    return true
  }

  func isThere(in session: SessionID, at now: Instant) -> Bool {
    visits[session].map { now - $0.last <= patience } ?? false
  }

  /// Who was in the session of late; nil: nobody. A visit that is over is forgotten by that: each session is looked at once in
  /// a period in which nodes report.
  mutating func person(in session: SessionID, at now: Instant) -> Person? {
    if isThere(in: session, at: now) { return visits[session]?.person }
    visits[session] = nil
    return nil
  }

  /// Those that somebody was in of late.
  func sessions(at now: Instant) -> [SessionID] {
    visits.filter { now - $0.value.last <= patience }.keys.sorted()
  }

  func knows(_ session: SessionID) -> Bool { visits[session] != nil }

  mutating func forget(_ session: SessionID) { visits[session] = nil }
}

extension Node {
  /// A request over HTTP that is allowed to be asked in its desk.
  mutating func visits(_ request: ClientRequest) {
    guard request.person.role == .customer else { return }
    if let session = request.body.session { return visited(session, by: request.person) }
    // Whoever lists the own sessions looks at each of the page.
    guard case .query(let asked) = request.body, let list = asked.query as? Sessions,
      let desk = state.number(of: request.desk)
    else { return }
    let page = state.openSessions(of: request.person, in: desk, before: list.before, limit: list.limit)
    for session in page.sessions { visited(session, by: request.person) }
  }

  /// Somebody has asked about a session, or opened it, on a connection that ends with the answer.
  package mutating func visited(_ session: SessionID, by person: Person) {
    guard person.role == .customer, !has(.visitsUnseen), let known = state.attendance(of: session),
      !known.isClosed, known.customer.isSame(as: person)
    else { return }
    // Whoever was said to be gone is back by that, and is not left waiting for the next report.
    if visits.note(person, in: session, at: now) || known.isAbsent { followersChanged(session) }
  }
}
