internal import Kernel

extension Session {
  /// Takes a message, once: the checks and the answers of `Command.send` for a session that exists.
  /// - Parameter level: at the first one an id is that of one message in its session, whoever sent it.
  mutating func receive(_ send: borrowing SendMessage, now: UInt64, level: Level) -> Answer {
    let tag = MessageIDIndex.tag(of: send.id)
    switch foresee(send, tag: tag) {
    case .settled(let answer), .doubtful(let answer): return answer
    case .undecided: break
    }
    guard send.epoch == epoch else { return .refused(.staleEpoch) }
    // That level cannot keep the message. Its sender is told so, and not that it was kept.
    if level == .first, transcript.sequence(ofID: send.id, tag: tag) != nil { return .refused(.conflict) }
    // `now` never goes back, so it is never below the time of opening.
    let isKept = transcript.append(
      age: now &- openedAt, kind: send.kind, sender: send.sender, id: send.id, tag: tag, body: send.body)
    guard isKept else { return .refused(.forbidden) }
    updatedAt = now
    figures?.count(send.kind, by: send.sender, at: now)
    return .stored(id, sequence, time: now, isNew: true)
  }

  func repeated(_ first: Int) -> Answer {
    let age = transcript.age(at: first) ?? 0
    return .stored(id, Sequence(UInt64(first)), time: openedAt &+ age, isNew: false)
  }

  func message(at sequence: Sequence) -> Message? {
    guard let number = Int(exactly: sequence.rawValue) else { return nil }
    return transcript.message(at: number, openedAt: openedAt)
  }

  /// The first message that is kept in the state; the archive has what was before it.
  package var firstKept: Sequence { Sequence(UInt64(transcript.firstKept)) }

  /// What is kept of a range: see `firstKept`. A page that begins or ends before that has less than what was said.
  ///
  /// - Parameter bytes: of messages, each counted with `TranscriptPage.overhead`: no more is read than fits, but for one
  ///   message, so that a page never stands still.
  func page(_ range: TranscriptRange, limit: Int, bytes: Int = .max) -> TranscriptPage {
    let count = transcript.count
    let lowest = transcript.firstKept
    let most = max(limit, 0)
    let first: Int
    let end: Int
    var more: Bool
    switch range {
    case .after(let sequence):
      first = sequence.rawValue >= UInt64(count) ? count + 1 : max(Int(sequence.rawValue) + 1, lowest)
      end = count + 1 - first <= most ? count + 1 : first + most
      more = end <= count
    case .since(let time):
      first = time <= openedAt ? lowest : transcript.firstSequence(notBefore: time - openedAt)
      end = count + 1 - first <= most ? count + 1 : first + most
      more = end <= count
    case .before(let sequence):
      end = sequence.rawValue > UInt64(count) ? count + 1 : max(Int(sequence.rawValue), lowest)
      first = end - lowest <= most ? lowest : end - most
      more = first > 1 && sequence.rawValue > 1
    }
    let isBackwards = if case .before = range { true } else { false }
    var messages: [Message] = []
    messages.reserveCapacity(min(end - first, 256))
    var size = 0
    for step in 0..<(end - first) {
      let number = isBackwards ? end - 1 - step : first + step
      guard let message = transcript.message(at: number, openedAt: openedAt) else { continue }
      size += message.body.count + TranscriptPage.overhead
      if size > bytes, !messages.isEmpty {
        more = true
        break
      }
      messages.append(message)
    }
    if isBackwards { messages.reverse() }
    return TranscriptPage(messages: messages, more: more)
  }
}
