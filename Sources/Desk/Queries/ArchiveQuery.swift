/// A query about what is over. It is answered by the archive of the node that is asked, on the archive's own thread, and as far
/// as the archive has come.
package protocol ArchiveQuery: PagedQuery where Answer: ArchivePage, Place == ArchivePlace {
  /// Where the page before has ended.
  var after: ArchivePlace? { get set }
  /// - Parameters:
  ///   - state: as it was when the question came.
  /// - Throws: `Failure`, for whoever has asked.
  func answer(
    to reader: QueryReader, from archive: some ArchiveReading, beside state: borrowing DeskState
  ) throws(Failure) -> Answer
}

/// A part of what an archive has found.
package protocol ArchivePage: AnswerRecord {
  /// Where the next page begins; nil: there is no more.
  var place: ArchivePlace? { get }
}

extension ArchiveQuery {
  package var source: QuerySource { .archive(self) }
  package static var placeField: StaticString { "after" }
  package var place: ArchivePlace? {
    get { after }
    set { after = newValue }
  }
  package func place(behind answer: Answer) -> ArchivePlace? { answer.place }
}

extension ReplicatedState {
  package func answer(
    _ asked: QueryRequest, by person: Person, of desk: DeskName, from archive: some ArchiveReading
  ) -> Result<any AnswerRecord, Failure> {
    let reader = QueryReader(person, of: desk, isClusterAdmin: asked.isOfCluster)
    guard case .archive(let query) = asked.query.source else {
      return answer(asked, by: person, of: desk).answer
    }
    return ask(query, reader, from: archive)
  }

  private func ask<One: ArchiveQuery>(
    _ query: One, _ reader: QueryReader, from archive: some ArchiveReading
  ) -> Result<any AnswerRecord, Failure> {
    guard let number = number(of: reader.desk) else { return .failure(.noSuchDesk) }
    let answer = look(number) { (desk) -> Result<any AnswerRecord, Failure> in
      do throws(Failure) { return .success(try query.answer(to: reader, from: archive, beside: desk)) } catch {
        return .failure(error)
      }
    }
    return answer ?? .failure(.noSuchDesk)
  }
}
