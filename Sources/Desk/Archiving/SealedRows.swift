/// What a session gives to an archive. Nothing here changes the state.
extension Session {
  /// A chunk of its messages; nil: it has left the state, or has not begun.
  /// - Parameter number: from 0.
  package func chunk(_ number: Int) -> ArchivedChunk? { transcript.chunk(number, of: id, openedAt: openedAt) }

  /// Chunks that it has begun.
  package var chunks: Int { transcript.chunks }

  /// nil while it is not closed.
  package var archived: ArchivedSession? {
    guard let closedAt, let closedBy, let closeReason else { return nil }
    let rating = facets.read(Rating.self)
    // What members of earlier releases cannot read is in no row that one of them may get.
    let newer = figures == nil ? nil : rating
    var row = ArchivedSession(
      session: id, customer: customer.id, customerName: customer.name, channel: channel, skill: skill,
      intent: intent, priority: priority, attributes: attributes, agents: agents.map(\.rawValue),
      openedAt: openedAt, closedAt: closedAt, closedBy: closedBy.id, reason: closeReason,
      messages: sequence.rawValue, rating: rating?.score, comment: rating?.comment,
      assignedAt: figures?.assignedAt, answeredAt: figures?.response?.time,
      answeredBy: figures?.response?.by.rawValue, customerMessages: figures.map { UInt64($0.customerMessages) },
      staffMessages: figures.map { UInt64($0.staffMessages) }, transfers: figures.map { UInt64($0.transfers) },
      releases: figures.map { UInt64($0.releases) }, ratedAt: newer?.time, ratedAgent: newer?.agent)
    row.team = archivedTeam
    return row
  }
}

extension ArchivedSession {
  /// What operations have kept with it, as far as a row says all of it: a rating from level 7 on.
  package var facets: Facets {
    var facets = Facets()
    if let rating, let ratedAt {
      facets.set(Rating(score: rating, comment: comment, agent: ratedAgent, time: ratedAt))
    }
    return facets
  }
}

extension Transcript {
  var chunks: Int { left.chunks + sealed.count + (last.count > 0 ? 1 : 0) }

  func chunk(_ number: Int, of session: SessionID, openedAt: UInt64) -> ArchivedChunk? {
    guard number >= left.chunks, number < chunks, let small = UInt32(exactly: number) else { return nil }
    return ArchivedChunk(
      session: session, number: small, openedAt: openedAt, people: people,
      chunk: number - left.chunks < sealed.count ? sealed[number - left.chunks] : last)
  }
}
