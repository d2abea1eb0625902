/// An operation whose answer says more than that it is done.
package protocol AnsweredOperation: ClientOperation {
  /// The answer for programs in Swift.
  associatedtype Answer: Sendable
}

/// An operation that only reads, declared with the record of its answer. The frames in both forms, the route over HTTP with its
/// description, the command and the client's `perform` are made from the two declarations.
package protocol Query: AnsweredOperation where Answer: AnswerRecord {
  /// Where it is answered, and by what.
  var source: QuerySource { get }
}

/// Where a query is answered. What an archive is asked leaves the node as an output, and its answer comes back as an input.
package enum QuerySource: Sendable {
  case desk(any DeskQuery)
  case cluster(any ClusterQuery)
  case archive(any ArchiveQuery)
}

/// A query about the desk of whoever asks, which is all that it gets to see.
package protocol DeskQuery: Query {
  /// - Parameter reader: who reads, and what they have looked at: more than `QueryReader.most` is for the next page.
  /// - Throws: `Failure`, for whoever has asked.
  func answer(to reader: inout QueryReader, in desk: borrowing DeskState) throws(Failure) -> Answer
}

/// A query that looks at more than one desk: for what stands above them.
package protocol ClusterQuery: Query {
  /// - Parameter reader: as of a `DeskQuery`.
  /// - Throws: `Failure`, for whoever has asked.
  func answer(to reader: inout QueryReader, in state: borrowing ReplicatedState) throws(Failure) -> Answer
}

extension DeskQuery {
  package var source: QuerySource { .desk(self) }
}

extension ClusterQuery {
  package var source: QuerySource { .cluster(self) }
}

extension Query {
  package static var answer: AnswerKind { .record }

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    try check()
    return .query(QueryRequest(self, isOfCluster: asker.isClusterAdmin, isLocal: asker.isLocal))
  }
}

/// Who reads, and how much they have looked at.
package struct QueryReader: Sendable {
  /// What one query looks at, in sessions, agents or desks: a fraction of a millisecond of work.
  package static let most = 4_096

  package let person: Person
  package let desk: DeskName
  /// An admin whose token names no desk.
  package let isClusterAdmin: Bool
  private(set) var looked = 0

  package init(_ person: Person, of desk: DeskName, isClusterAdmin: Bool = false) {
    (self.person, self.desk, self.isClusterAdmin) = (person, desk, isClusterAdmin)
  }

  /// How much may still be looked at.
  package var room: Int { max(0, Self.most - looked) }

  package mutating func look(at count: Int) { looked += count }
}

/// A query on its way to the state.
package struct QueryRequest: Sendable {
  package let query: any Query
  /// Whether an admin of the cluster asks.
  package let isOfCluster: Bool
  /// Whether the state of the node that is asked is good enough: it may be behind, and needs no quorum.
  package let isLocal: Bool

  package init(_ query: any Query, isOfCluster: Bool, isLocal: Bool = false) {
    (self.query, self.isOfCluster, self.isLocal) = (query, isOfCluster, isLocal)
  }

  /// Bytes that its fields hold.
  package var size: Int {
    func size<One: Query>(of query: One) -> Int { One.fields.encode(query).count }
    return size(of: query)
  }
}

extension ReplicatedState {
  /// - Returns: the answer, and how much was looked at for it.
  package func answer(
    _ asked: QueryRequest, by person: Person, of desk: DeskName
  ) -> (answer: Result<any AnswerRecord, Failure>, looked: Int) {
    var reader = QueryReader(person, of: desk, isClusterAdmin: asked.isOfCluster)
    let answer: Result<any AnswerRecord, Failure> =
      switch asked.query.source {
      case .desk(let query): ask(query, &reader, in: desk)
      case .cluster(let query): ask(query, &reader)
      case .archive: .failure(.noArchive)
      }
    return (answer, reader.looked)
  }

  private func ask<One: DeskQuery>(
    _ query: One, _ reader: inout QueryReader, in desk: DeskName
  ) -> Result<any AnswerRecord, Failure> {
    guard let number = number(of: desk) else { return .failure(.noSuchDesk) }
    let answer = look(number) { (desk) -> Result<any AnswerRecord, Failure> in
      do throws(Failure) { return .success(try query.answer(to: &reader, in: desk)) } catch {
        return .failure(error)
      }
    }
    return answer ?? .failure(.noSuchDesk)
  }

  private func ask<One: ClusterQuery>(
    _ query: One, _ reader: inout QueryReader
  ) -> Result<any AnswerRecord, Failure> {
    do throws(Failure) { return .success(try query.answer(to: &reader, in: self)) } catch {
      return .failure(error)
    }
  }
}

extension QueryRequest {
  package var isOfArchive: Bool { if case .archive = query.source { true } else { false } }
}

extension Failure {
  package static let noArchive = Failure(
    .busy, "This node has no archive to ask; ask another one. `switchboard archive status` says which have.",
    retryAfterMilliseconds: 5_000)
  package static let noSuchDesk = Failure(
    .notFound, "there is no such desk: have the token name one that is there")
}
