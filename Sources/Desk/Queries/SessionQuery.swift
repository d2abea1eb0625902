/// A query about one session that archives can answer as well once it has left the state.
package protocol SessionQuery: DeskQuery {
  var session: SessionID { get }
  /// - Parameter row: of the session; that whoever asks may read it is known.
  /// - Throws: `Failure`, for whoever has asked.
  func answer(to reader: QueryReader, over row: ArchivedSession) throws(Failure) -> Answer
}

extension QueryRequest {
  /// The session that it is about, where archives know of it as well; nil: it is another query.
  package var archivedSession: SessionID? {
    guard case .desk(let query) = query.source else { return nil }
    return (query as? any SessionQuery)?.session
  }
}

extension ReplicatedState {
  /// Answers a query about a session that has left the state.
  ///
  /// - Parameter isCaughtUp: as in `over`.
  package func answer(
    _ asked: QueryRequest, by person: Person, of desk: DeskName, over archive: some ArchiveReading,
    isCaughtUp: Bool
  ) -> Result<any AnswerRecord, Failure> {
    guard case .desk(let any) = asked.query.source, let query = any as? any SessionQuery else {
      return answer(asked, by: person, of: desk).answer
    }
    return ask(query, QueryReader(person, of: desk, isClusterAdmin: asked.isOfCluster), archive, isCaughtUp)
  }

  private func ask<One: SessionQuery>(
    _ query: One, _ reader: QueryReader, _ archive: some ArchiveReading, _ isCaughtUp: Bool
  ) -> Result<any AnswerRecord, Failure> {
    do throws(Failure) {
      guard let number = number(of: reader.desk), query.session.desk == number else { throw .noSuchSession }
      let row = try over(query.session, by: reader.person, from: archive, isCaughtUp: isCaughtUp)
      return .success(try query.answer(to: reader, over: row))
    } catch {
      return .failure(error)
    }
  }
}
