/// Anti-entropy: two members compare all they know, so that what rumours have missed arrives too. The asker tells
/// its table in datagrams that each cover a range of ids; each is answered by itself with what the other knows
/// better in that range. Nothing has to be remembered between the datagrams, and any of them may be lost.
extension GossipNode {
  mutating func tickExchange() {
    guard clock >= nextExchange, table.count > 0 else { return }
    // One who has just started asks more often, until somebody answers.
    let isHeard = table.records.contains { $0.announced != .zero }
    nextExchange = clock + (isHeard ? configuration.exchangeInterval : configuration.probeInterval)
    guard let partner = generator.sample(table.ids { $0.health < .dead }, count: 1).first else { return }
    let entries = knownMembers.map { Entry(member: $0, rumours: rumours(about: $0)) }
    tell(entries, first: .nobody, last: MemberID(.max), isAnswer: false, to: partner)
  }

  /// - Parameter datagram: not yet taken in: what it says is compared with what was known before it.
  mutating func answerExchange(_ datagram: Datagram, first: MemberID, last: MemberID) {
    let entries = knownMembers.filter { $0 >= first && $0 <= last }.map { member in
      Entry(member: member, rumours: rumours(about: member).filter { $0.isNews(to: datagram.rumours) })
    }
    guard entries.contains(where: { !$0.rumours.isEmpty }) else { return }
    tell(entries, first: first, last: last, isAnswer: true, to: datagram.sender)
  }

  private struct Entry {
    var member: MemberID
    var rumours: [Rumour]
  }

  /// Bytes of a datagram that its head and the rumour on its recipient may take.
  private static let reservedBytes = 100

  private mutating func tell(
    _ entries: [Entry], first: MemberID, last: MemberID, isAnswer: Bool, to partner: MemberID
  ) {
    let room = configuration.maximumDatagramBytes - Self.reservedBytes
    var start = first
    var pending: [Rumour] = []
    var size = 0
    var previous = first
    for entry in entries {
      let entrySize = entry.rumours.reduce(0) { $0 + $1.encoded().count }
      if size + entrySize > room, !pending.isEmpty {
        dispatch(pending, .exchange(first: start, last: previous, isAnswer: isAnswer), to: partner)
        start = MemberID(previous.rawValue + 1)
        pending = []
        size = 0
      }
      pending += entry.rumours
      size += entrySize
      previous = entry.member
    }
    dispatch(pending, .exchange(first: start, last: last, isAnswer: isAnswer), to: partner)
  }

  private mutating func dispatch(_ rumours: [Rumour], _ body: Datagram.Body, to partner: MemberID) {
    var datagram = open(body, to: partner)
    for rumour in rumours { _ = datagram.append(rumour) }
    dispatch(datagram, to: partner)
  }

  /// All members with this node in its place.
  private var knownMembers: [MemberID] { (table.records.map(\.id) + [id]).sorted() }

  private func rumours(about member: MemberID) -> [Rumour] {
    [rumour(on: .health(member)), rumour(on: .load(member))].compactMap(\.self)
  }
}

extension Rumour {
  /// Whether the others say less on its member, or something older.
  fileprivate func isNews(to others: [Rumour]) -> Bool {
    switch self {
    case .health(let mine):
      for case .health(let theirs) in others where theirs.member == mine.member {
        return mine.overrides((theirs.health, theirs.incarnation))
      }
    case .load(let mine):
      for case .load(let theirs) in others where theirs.member == mine.member {
        return mine.stamp > theirs.stamp
      }
    }
    return true
  }
}
