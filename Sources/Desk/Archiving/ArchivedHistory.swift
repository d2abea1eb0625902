internal import Kernel

/// What was said in a session, over what the state has of it and what is in the archive alone.
extension ReplicatedState {
  /// Whether the state has a whole page of that part of a session. What has left it is in the archive.
  package func hasAll(of session: SessionID, in range: TranscriptRange, limit: Int) -> Bool {
    guard let found = self.session(session) else { return false }
    guard found.firstKept > Sequence(1) else { return true }
    return switch range {
    case .after(let sequence): sequence.rawValue >= found.firstKept.rawValue - 1
    // A page may reach further back than what is kept.
    case .before(let sequence):
      min(sequence.rawValue, found.sequence.rawValue + 1) >= found.firstKept.rawValue + UInt64(max(limit, 0))
    case .since(let time): found.message(at: found.firstKept).map { $0.time < time } ?? false
    }
  }

  /// A page of a session that is in the state, or is over and in the archive alone.
  ///
  /// - Parameters:
  ///   - person: who reads it; nil: whoever asks has looked whether they may.
  ///   - desk: of whoever reads it.
  ///   - limit: messages at the most.
  ///   - bytes: see `Session.page`.
  ///   - isCaughtUp: the archive has been given all of the session that has left the state, and has it on its disk.
  /// - Throws: `Failure`, for whoever has asked: there is no such session, it is not theirs, or the archive does not have that
  ///   part yet. No page has a hole.
  package func history(
    of session: SessionID, _ range: TranscriptRange, limit: Int, bytes: Int, by person: Person?,
    of desk: DeskName, from archive: some ArchiveReading, isCaughtUp: Bool
  ) throws(Failure) -> TranscriptPage {
    guard let number = number(of: desk), session.desk == number else { throw .noSuchSession }
    if let found = self.session(session) {
      if let person, !mayRead(person, session: session) { throw .notYours }
      if hasAll(of: session, in: range, limit: limit) { return found.page(range, limit: limit, bytes: bytes) }
      let mayBeCut = mayHaveDropped(since: found.openedAt)
      let joined = JoinedHistory(
        session: found, limit: limit, bytes: bytes, mayBeginLater: mayBeCut && isCaughtUp)
      let page = try joined.page(range, archive)
      return mayBeCut ? page.cut(range, last: found.sequence.rawValue, self) : page
    }
    let over = try self.over(session, by: person, from: archive, isCaughtUp: isCaughtUp)
    let (page, isComplete) = try archive.page(session, range, limit: limit, bytes: bytes)
    let expected: UInt64? =
      switch range {
      case .after(let sequence): sequence.rawValue < over.messages ? sequence.rawValue + 1 : nil
      case .before(let sequence): max(1, min(sequence.rawValue, over.messages + 1)) - 1
      case .since: nil
      }
    let first = range.isBackwards ? page.messages.last : page.messages.first
    if isComplete {
      return mayHaveDropped(since: over.openedAt) ? page.cut(range, last: over.messages, self) : page
    }
    if let expected, expected > 0, first?.sequence.rawValue != expected { throw .notInArchive }
    // What is still to be filled in comes behind it: whoever asks for that is told so.
    let end = (range.isBackwards ? page.messages.first : page.messages.last)?.sequence.rawValue
    let isShort = end.map { range.isBackwards ? $0 > 1 : $0 < over.messages } ?? false
    return TranscriptPage(of: page.messages, more: page.more || isShort)
  }

  /// A session that has left the state.
  ///
  /// - Parameters:
  ///   - person: as in `history`.
  ///   - isCaughtUp: as well.
  package func over(
    _ session: SessionID, by person: Person?, from archive: some ArchiveReading, isCaughtUp: Bool
  ) throws(Failure) -> ArchivedSession {
    guard let over = try archive.session(session) else {
      // It may be in the part that is still to be filled.
      let (_, isComplete) = try archive.page(session, .after(.zero), limit: 1, bytes: 1)
      throw isComplete && isCaughtUp ? .noSuchSession : .notInArchive
    }
    if let person, !isReader(person, of: over) { throw .notYours }
    return over
  }

  /// As `mayRead` says it of a session that is closed and in the state.
  private func isReader(_ person: Person, of over: ArchivedSession) -> Bool {
    switch person.role {
    case .customer: over.customer.hasSameBytes(as: person.id)
    case .agent:
      over.agents.contains { $0.hasSameBytes(as: person.id) }
        || over.team?.invited.contains(AgentID(person.id)) ?? false
        || agents(serving: over.customer, in: over.session.desk).contains(AgentID(person.id))
    case .supervisor, .admin: true
    }
  }
}

/// A page over the border between archive and state.
private struct JoinedHistory {
  let session: Session
  let limit: Int
  let bytes: Int
  /// What the archive does not have of it was dropped, if the archive has no gap.
  let mayBeginLater: Bool

  private var firstKept: UInt64 { session.firstKept.rawValue }

  func page(_ range: TranscriptRange, _ archive: some ArchiveReading) throws(Failure) -> TranscriptPage {
    switch range {
    case .after(let sequence): try forwards(range, from: sequence.rawValue + 1, archive)
    case .since: try forwards(range, from: nil, archive)
    case .before(let sequence): try backwards(sequence, archive)
    }
  }

  /// - Parameter expected: the first message of the page, where it is known.
  private func forwards(
    _ range: TranscriptRange, from expected: UInt64?, _ archive: some ArchiveReading
  ) throws(Failure) -> TranscriptPage {
    let (old, isComplete) = try archive.page(session.id, range, limit: limit, bytes: bytes)
    // The archive has chunks that are still kept as well.
    var messages = Array(old.messages.prefix { $0.sequence.rawValue < firstKept })
    if let expected, expected < firstKept, messages.first?.sequence.rawValue != expected {
      // What a dropped month had is gone; what comes is not.
      guard isComplete, !messages.isEmpty || mayBeginLater else { throw .notInArchive }
    }
    let isCut = messages.count < old.messages.count
    if !isCut, old.more || messages.count >= limit { return TranscriptPage(of: messages, more: true) }
    if let last = messages.last?.sequence.rawValue, last + 1 < firstKept { throw .notInArchive }
    let size = messages.reduce(0) { $0 + $1.body.count + TranscriptPage.overhead }
    guard messages.count < limit, size < bytes else { return TranscriptPage(of: messages, more: true) }
    let rest: TranscriptRange =
      if case .since = range, messages.isEmpty { range } else {
        .after(Sequence(max(firstKept, (expected ?? 1)) - 1))
      }
    let new = session.page(rest, limit: limit - messages.count, bytes: bytes - size)
    // The first message of a page is given whatever it takes; here it is not the first one.
    if let first = new.messages.first, !messages.isEmpty,
      first.body.count + TranscriptPage.overhead > bytes - size
    {
      return TranscriptPage(of: messages, more: true)
    }
    messages += new.messages
    return TranscriptPage(of: messages, more: new.more)
  }

  private func backwards(_ sequence: Sequence, _ archive: some ArchiveReading) throws(Failure) -> TranscriptPage
  {
    let new = session.page(.before(sequence), limit: limit, bytes: bytes)
    let size = new.messages.reduce(0) { $0 + $1.body.count + TranscriptPage.overhead }
    let border = new.messages.first?.sequence.rawValue ?? min(sequence.rawValue, firstKept)
    guard border == firstKept || new.messages.isEmpty, border > 1, new.messages.count < limit, size < bytes
    else {
      return TranscriptPage(of: new.messages, more: new.more || border > 1 && !new.messages.isEmpty)
    }
    let (old, isComplete) = try archive.page(
      session.id, .before(Sequence(border)), limit: limit - new.messages.count, bytes: bytes - size)
    if old.messages.isEmpty, isComplete, mayBeginLater {
      return TranscriptPage(of: new.messages, more: false)
    }
    guard let last = old.messages.last?.sequence.rawValue, last + 1 == border else { throw .notInArchive }
    if !new.messages.isEmpty, old.messages.count == 1,
      old.messages[0].body.count + TranscriptPage.overhead > bytes - size
    {
      return TranscriptPage(of: new.messages, more: true)
    }
    return TranscriptPage(of: old.messages + new.messages, more: old.more)
  }
}

extension Failure {
  package static let noSuchSession = Failure(.notFound, "there is no such session")
  package static let notYours = Failure(.forbidden, "you are not part of this session")
  package static let notInArchive = Failure(
    .busy,
    "A part of this conversation is not in the archive of this node yet; ask again, or another node.",
    retryAfterMilliseconds: 500)
}
