internal import Kernel

/// One session as an operation sees it while it is carried out: what it may look at and change, and nothing else of the desk.
package struct SessionScope {
  /// The rest of the desk, for the operations that hand sessions about.
  var desk: DeskState
  var effects: [Effect]
  private let before: Session
  /// Who does it.
  package let by: Person
  /// The id of the request.
  package let requestID: String

  init(
    _ session: Session, by person: Person, request: String, in desk: consuming DeskState,
    _ effects: consuming [Effect]
  ) {
    (before, by, requestID) = (session, person, request)
    (self.desk, self.effects) = (desk, effects)
  }

  package var id: SessionID { before.id }
  /// As it is now.
  package var session: Session { desk.session(id) ?? before }
  /// The time of the entry, in ms since 1970.
  package var now: UInt64 { desk.now }

  /// Whoever follows the session is told.
  package mutating func tell<News: SessionNews>(_ news: News) {
    effects.append(.news(id, NewsRecord(news)))
  }

  /// What is kept of one kind with the session; nil: nothing.
  package func facet<Facet: SessionFacet>(_: Facet.Type) -> Facet? { session.facets.read(Facet.self) }

  /// - Parameter facet: nil: nothing of the kind is kept any more.
  package mutating func set<Facet: SessionFacet>(_ facet: Facet?, as _: Facet.Type = Facet.self) {
    let now = desk.now
    desk.changeSession(id) { session in
      session.facets.set(facet)
      session.updatedAt = max(session.updatedAt, now)
    }
  }
}
