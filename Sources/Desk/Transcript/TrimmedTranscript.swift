/// Old messages leave the state; the archive has them by then.
extension Transcript {
  /// The last messages that never leave.
  static let mostKeptBehind = 128
  /// Full chunks that stay beside the one that is being filled.
  private static let mostSealed = mostKeptBehind / MessageChunk.capacity
  /// Chunks that leave at once: some ten microseconds of work.
  private static let mostAtOnce = 4

  /// The first message that is kept here.
  var firstKept: Int { left.count + 1 }
  var kept: Int { count - left.count }
  /// Some of it may leave.
  var isOverfull: Bool { sealed.count > Self.mostSealed && last.count > 0 }

  /// To be asked when a message was added: what is too much leaves with the next entry, so that of this one all can be read.
  /// - Returns: whether it is to be listed in `ServerTables.overfull` now.
  mutating func listIfOverfull() -> Bool {
    guard isOverfull, !isListed else { return false }
    isListed = true
    return true
  }

  /// Lets the oldest chunks go, as far as they may.
  /// - Returns: whether there are more.
  mutating func trim() -> Bool {
    guard isOverfull else { return false }
    let leaving = min(sealed.count - Self.mostSealed, Self.mostAtOnce)
    for chunk in sealed[..<leaving] { left.add(chunk) }
    sealed.removeFirst(leaving)
    ids.removeAll(through: UInt32(left.count))
    return isOverfull
  }
}

extension ReplicatedState {
  /// What the entry before has brought to transcripts makes room, a part of each: at most as many chunks as that entry could
  /// bring, and some of what was there before level 6.
  mutating func trimTranscripts() {
    guard !servers.overfull.isEmpty else { return }
    let listed = servers.overfull
    servers.overfull = []
    for id in listed {
      change(id.desk, evenDeleted: true) { desk in
        let hasMore = desk.sessionTable.update(id) { session in
          session.transcript.isListed = session.transcript.trim()
          return session.transcript.isListed
        }
        if hasMore == true { desk.servers.overfull.append(id) }
      }
    }
  }
}
