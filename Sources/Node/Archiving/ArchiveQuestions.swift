package import Desk
import Protocol

/// What a client asks of this node's archive.
package struct ArchiveQuestion: Sendable {
  package enum Asked: Sendable {
    case query(QueryRequest)
    /// About a session that has left the state.
    /// - Parameter isCaughtUp: the archive has the session if it has left the state.
    case queryOfSession(QueryRequest, isCaughtUp: Bool)
    /// - Parameter isCaughtUp: the archive has the session if it has left the state.
    case history(SessionID, TranscriptRange, limit: Int, bytes: Int, isCaughtUp: Bool)
    /// An operation on a session that has left the state.
    /// - Parameter isCaughtUp: as above.
    case annotation(Envelope, isCaughtUp: Bool)
  }

  package var number: UInt64
  package var asked: Asked
  package var person: Person
  package var desk: DeskName
  /// As it is now: what is open is not in the archive.
  package var state: ReplicatedState
}

package enum ArchiveAnswer: Sendable {
  case record(any AnswerRecord)
  case history(SessionID, TranscriptPage)
  /// What is to be proposed.
  case annotation(AnnotateSession)
}

extension ArchiveQuestion {
  /// Reads the archive; not on the node's thread.
  package func answer(from archive: some ArchiveReading) -> Result<ArchiveAnswer, Failure> {
    switch asked {
    case .query(let request):
      state.answer(request, by: person, of: desk, from: archive).map(ArchiveAnswer.record)
    case .queryOfSession(let request, let isCaughtUp):
      state.answer(request, by: person, of: desk, over: archive, isCaughtUp: isCaughtUp)
        .map(ArchiveAnswer.record)
    case .history(let session, let range, let limit, let bytes, let isCaughtUp):
      Result { () throws(Failure) in
        .history(
          session,
          try state.history(
            of: session, range, limit: limit, bytes: bytes, by: person, of: desk, from: archive,
            isCaughtUp: isCaughtUp))
      }
    case .annotation(let envelope, let isCaughtUp):
      Result { () throws(Failure) in
        .annotation(try state.annotation(envelope, of: desk, from: archive, isCaughtUp: isCaughtUp))
      }
    }
  }
}

/// Who waits for an answer of the archive.
struct AskedOfArchive {
  /// Questions that wait; more are refused.
  static let most = 128
  /// Of one person: nobody keeps the others from asking.
  static let mostOfOne = 4

  private struct Waiting {
    var connection: ConnectionID
    var tag: UInt32
    var asker: Asker
    /// In whose order of requests it stands.
    var session: SessionID?
  }

  /// By whatever connections, and by whatever names.
  private struct Asker: Hashable {
    var desk: DeskName
    var role: UserRole
    var id: String
  }

  private var waiting: [UInt64: Waiting] = [:]
  private var counts: [Asker: Int] = [:]
  private var last: UInt64 = 0

  /// - Returns: the question's number.
  /// - Throws: `Failure`: too many wait already, of all or of the one who asks.
  mutating func add(_ request: ClientRequest) throws(Failure) -> UInt64 {
    let asker = Asker(desk: request.desk, role: request.person.role, id: request.person.id)
    guard counts[asker, default: 0] < Self.mostOfOne else { throw .askedEnough }
    guard waiting.count < Self.most else { throw .archiveIsBusy }
    counts[asker, default: 0] += 1
    last += 1
    let ordered: SessionID? = if case .perform(let record) = request.body { record.session } else { nil }
    waiting[last] = Waiting(
      connection: request.connection, tag: request.tag, asker: asker, session: ordered)
    return last
  }

  mutating func remove(_ number: UInt64) -> (connection: ConnectionID, tag: UInt32, session: SessionID?)? {
    guard let found = waiting.removeValue(forKey: number) else { return nil }
    counts[found.asker, default: 1] -= 1
    if counts[found.asker] == 0 { counts[found.asker] = nil }
    return (found.connection, found.tag, found.session)
  }
}

extension Node {
  mutating func askArchive(_ request: ClientRequest, _ asked: ArchiveQuestion.Asked) {
    guard archive.isKept else { return answer(request, .failed(.noArchive)) }
    guard state.number(of: request.desk) != nil else { return refuse(request, .noSuchDesk) }
    let number: UInt64
    do throws(Failure) { number = try askedOfArchive.add(request) } catch {
      return answer(request, .failed(error))
    }
    output.archiveQuestions.append(
      ArchiveQuestion(
        number: number, asked: asked, person: request.person, desk: request.desk, state: state))
  }

  mutating func archiveAnswered(_ number: UInt64, _ answer: Result<ArchiveAnswer, Failure>) {
    guard let (connection, tag, session) = askedOfArchive.remove(number) else { return }
    switch answer {
    case .success(.annotation(let annotation)):
      // Its turn ends when the log has answered.
      return enter(.annotate(annotation), for: connection, tag: tag)
    case .success(.record(let record)): reply(connection, tag, .answer(QueryAnswer(record)))
    case .success(.history(let session, let page)):
      reply(
        connection, tag,
        .history(session, page.messages.map(Transcribed.init), more: page.more, isCut: page.isCut))
    case .failure(let failure): reply(connection, tag, .failed(failure))
    }
    if let session { continueOrder(connection, session, isFollow: false) }
  }
}

extension Failure {
  fileprivate static let askedEnough = Failure(
    .busy,
    "\(AskedOfArchive.mostOfOne) of your questions wait for the archive of this node; ask when one is answered.",
    retryAfterMilliseconds: 1_000, isOfAsker: true)
  package static let archiveIsBusy = Failure(
    .busy, "The archive of this node has much to answer; ask again, or another node.",
    retryAfterMilliseconds: 1_000)
}
