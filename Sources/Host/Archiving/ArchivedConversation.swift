import Archive
import Desk
import Node
import Protocol

/// A session that has left the state, or whose old messages have: read from the archive, on its own thread.
struct ArchivedConversation: Sendable {
  let archivist: Archivist
  let state: ReplicatedState
  let session: SessionID
  let desk: DeskName
  let maxPageBytes: Int
  /// The archive has all that has left the state.
  let isCaughtUp: Bool

  /// - Throws: `Failure`, for whoever has asked.
  func detail() async throws -> SessionDetail {
    try await read { (archive) throws(Failure) in
      guard state.number(of: desk) == session.desk else { throw .noSuchSession }
      let over = try state.over(session, by: nil, from: archive, isCaughtUp: isCaughtUp)
      return Node.detail(of: over, readers: state.agents(serving: over.customer, in: session.desk))
    }
  }

  /// - Throws: `Failure`, for whoever has asked.
  func page(_ range: TranscriptRange, limit: Int) async throws -> MessagePage {
    try await read { (archive) throws(Failure) in
      let page = try state.history(
        of: session, range, limit: limit, bytes: maxPageBytes, by: nil, of: desk, from: archive,
        isCaughtUp: isCaughtUp)
      return MessagePage(messages: page.messages.map { Transcribed($0) }, more: page.more, isCut: page.isCut)
    }
  }

  private func read<Answer: Sendable>(
    _ body: @escaping @Sendable (ArchiveAnswers) throws(Failure) -> Answer
  ) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      let isTaken = archivist.read { (reader) throws(ArchiveError) in
        Result { () throws(Failure) in try body(ArchiveAnswers(reader: reader)) }
      } then: { answered in
        continuation.resume(with: answered.mapError { Failure($0) }.flatMap { $0 }.mapError { $0 as any Error })
      }
      if !isTaken { continuation.resume(throwing: Failure.archiveIsBusy) }
    }
  }
}

extension NodeDriver {
  /// - Returns: nil: there is no archive that could have the session.
  /// - Throws: `Failure`, for whoever has asked.
  func archived(_ session: SessionID, in desk: DeskName) throws -> ArchivedConversation? {
    guard node.isThere(session, in: desk) || node.mayHaveLeft(session) else { return nil }
    guard let archivist = archive?.archivist else { throw Failure.noArchive }
    return ArchivedConversation(
      archivist: archivist, state: node.state, session: session, desk: desk,
      maxPageBytes: node.configuration.maxPageBytes, isCaughtUp: node.archiveIsCaughtUp(with: session))
  }
}
