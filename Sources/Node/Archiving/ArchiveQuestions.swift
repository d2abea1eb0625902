package import Desk
import Protocol

/// What a client asks of this node's archive.
package struct ArchiveQuestion: Sendable {
  package var number: UInt64
  package var asked: QueryRequest
  package var person: Person
  package var desk: DeskName
  /// As it is now: what is open is not in the archive.
  package var state: ReplicatedState
}

/// Who waits for an answer of the archive.
struct AskedOfArchive {
  /// Questions that wait; more are refused.
  static let most = 128

  private var waiting: [UInt64: (connection: ConnectionID, tag: UInt32)] = [:]
  private var last: UInt64 = 0

  var isFull: Bool { waiting.count >= Self.most }

  mutating func add(_ connection: ConnectionID, _ tag: UInt32) -> UInt64 {
    last += 1
    waiting[last] = (connection, tag)
    return last
  }

  mutating func remove(_ number: UInt64) -> (connection: ConnectionID, tag: UInt32)? {
    waiting.removeValue(forKey: number)
  }
}

extension Node {
  mutating func askArchive(_ request: ClientRequest, _ asked: QueryRequest) {
    guard archive.isKept else { return answer(request, .failed(.noArchive)) }
    guard desk.number(of: request.desk) != nil else { return refuse(request, .noSuchDesk) }
    guard !askedOfArchive.isFull else { return answer(request, .failed(.archiveIsBusy)) }
    let number = askedOfArchive.add(request.connection, request.tag)
    output.archiveQuestions.append(
      ArchiveQuestion(number: number, asked: asked, person: request.person, desk: request.desk, state: desk))
  }

  mutating func archiveAnswered(_ number: UInt64, _ answer: Result<any AnswerRecord, Failure>) {
    guard let (connection, tag) = askedOfArchive.remove(number) else { return }
    switch answer {
    case .success(let record): reply(connection, tag, .answer(QueryAnswer(record)))
    case .failure(let failure): reply(connection, tag, .failed(failure))
    }
  }
}

extension Failure {
  package static let archiveIsBusy = Failure(
    .busy, "The archive of this node has much to answer; ask again, or another node.",
    retryAfterMilliseconds: 1_000)
}
