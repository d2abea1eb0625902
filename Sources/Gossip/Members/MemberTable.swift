/// What this node knows of another.
struct MemberRecord: Sendable {
  let id: MemberID
  var health = Health.alive
  var incarnation = Incarnation.zero
  /// As its last datagram said; lower than `incarnation` when it has started again and does not know yet.
  var announced = Incarnation.zero
  var since: UInt64
  var recoveredAt: UInt64?
  var suspicion: Suspicion?
  var hints: AgedHints?

  var status: MemberStatus {
    MemberStatus(
      id: id, health: health, incarnation: incarnation, since: since, recoveredAt: recoveredAt, hints: hints)
  }

  /// The rumour that says what this record says; nil when nothing was ever heard.
  var rumour: HealthRumour? {
    if health == .alive, incarnation == .zero { return nil }
    return HealthRumour(
      member: id, health: health, incarnation: incarnation,
      accuser: health == .suspect ? suspicion?.accusers.first ?? .nobody : .nobody)
  }
}

/// All members but this node, sorted by id; so nothing that is read from it depends on a hash.
struct MemberTable: Sendable {
  private(set) var records: [MemberRecord]

  init(records: [MemberRecord] = []) { self.records = records }

  var count: Int { records.count }
  var indices: Range<Int> { records.indices }

  subscript(place: Int) -> MemberRecord {
    get { records[place] }
    _modify { yield &records[place] }
  }

  func position(of member: MemberID) -> Int? {
    let place = lowerBound(of: member)
    return place < records.count && records[place].id == member ? place : nil
  }

  func contains(_ member: MemberID) -> Bool { position(of: member) != nil }

  /// The ids of those of which `isWanted` is true, ascending.
  func ids(where isWanted: (MemberRecord) -> Bool) -> [MemberID] {
    records.filter(isWanted).map(\.id)
  }

  mutating func replace(with ids: [MemberID], now: UInt64) -> (added: [MemberID], removed: [MemberID]) {
    var added: [MemberID] = []
    var next: [MemberRecord] = []
    for member in ids.sorted() where next.last?.id != member {
      if let place = position(of: member) {
        next.append(records[place])
      } else {
        next.append(MemberRecord(id: member, since: now))
        added.append(member)
      }
    }
    let kept = MemberTable(records: next)
    let removed = records.map(\.id).filter { !kept.contains($0) }
    self = kept
    return (added, removed)
  }

  private func lowerBound(of member: MemberID) -> Int {
    var low = 0
    var high = records.count
    while low < high {
      let middle = (low + high) / 2
      if records[middle].id < member { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
