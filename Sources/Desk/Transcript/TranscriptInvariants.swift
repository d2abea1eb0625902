extension Transcript {
  /// What is wrong with the transcript; empty: nothing.
  func checkInvariants() -> [String] {
    var problems: [String] = []
    if sealed.contains(where: { $0.count != MessageChunk.capacity }) {
      problems.append("a sealed chunk does not have \(MessageChunk.capacity) messages")
    }
    if ids.count != kept { problems.append("\(ids.count) message ids for \(kept) messages") }
    if !left.isEmpty, kept <= Self.mostKeptBehind { problems.append("only \(kept) messages are kept") }
    if isListed, !isOverfull { problems.append("it is listed to be trimmed, for nothing") }
    problems += left.checkInvariants(people: people.count)
    if Set(people).count != people.count { problems.append("a person occurs twice in a session's table") }
    var latest = left.lastAge
    for sequence in stride(from: firstKept, through: count, by: 1) {
      guard let message = message(at: sequence, openedAt: 0) else {
        problems.append("message \(sequence) cannot be read")
        continue
      }
      if message.time < latest { problems.append("message \(sequence) is older than the one before it") }
      latest = message.time
      if self.sequence(ofID: message.id, by: message.sender) != sequence {
        problems.append("the id of message \(sequence) leads elsewhere")
      }
    }
    return problems
  }
}
