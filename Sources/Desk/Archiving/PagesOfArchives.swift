extension TranscriptPage {
  /// A page that somebody else than a state has put together.
  package init(of messages: [Message], more: Bool) { self.init(messages: messages, more: more) }

  /// Where a part of the session was dropped: the same, saying whether the page would begin earlier otherwise.
  /// - Parameters:
  ///   - last: the session's last sequence.
  ///   - state: says which months are kept.
  func cut(_ range: TranscriptRange, last: UInt64, _ state: borrowing ReplicatedState) -> TranscriptPage {
    var page = self
    let first = messages.first?.sequence.rawValue
    switch range {
    case .after(let sequence): page.isCut = sequence.rawValue < last && first != sequence.rawValue + 1
    case .before(let sequence): page.isCut = !more && sequence.rawValue > 1 && last > 0 && first != 1
    case .since(let time):
      // Chunks go as a whole: what begins in the middle of one begins where it was asked for.
      let isAtBorder = first.map { $0 > 1 && $0 % UInt64(MessageChunk.capacity) == 1 } ?? (last > 0)
      page.isCut = state.mayHaveDropped(since: time) && isAtBorder
    }
    return page
  }
}
