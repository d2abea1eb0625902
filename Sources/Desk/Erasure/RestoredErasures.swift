internal import Kernel

/// A state from a backup, which does not know yet who was erased since.
extension ReplicatedState {
  /// All of these customers goes, open sessions included, and what comes later is not touched. No log says so: it has to be done the
  /// same for each node that begins with this state.
  ///
  /// - Parameters:
  ///   - erasures: as `Erasures` lists them.
  ///   - index: of the state.
  /// - Returns: the ledger's entries for them.
  package mutating func erase(_ erasures: [Erasure], index: UInt64) -> [ErasureLedger.Entry] {
    if level < .seventh { level = .seventh }
    servers.entry = index + 1
    var entries: [ErasureLedger.Entry] = []
    for erasure in erasures {
      entries.append(ErasureLedger.Entry(mark: erasure.mark, index: index + 1, time: erasure.time))
    }
    let marks = Set(erasures.map(\.mark))
    for number in [.main] + others.filter({ !$0.isVacant }).map(\.number) {
      change(number, evenDeleted: true) { $0.erase(marks) }
    }
    servers.erasures.add(contentsOf: entries)
    servers.erasedOfLate = []
    return entries
  }
}

extension DeskState {
  fileprivate mutating func erase(_ marks: Set<ErasureMark>) {
    var customers: Set<TextKey> = []
    for shard in sessionTable.shards {
      for session in shard.values { customers.insert(TextKey(session.customer.id)) }
    }
    customers.formUnion(done.customers)
    let operators = Person(id: "restore", role: .admin, name: "restore")
    for customer in customers.sorted()
    where marks.contains(ErasureMark(desk: number, customer: customer.text)) {
      var effects: [Effect] = []
      for id in opened.sessions(of: customer.text) {
        guard let session = sessionTable[id] else { continue }
        end(session, by: operators, reason: "erased", pulls: false, into: &effects)
      }
      erase(customer.text)
    }
  }
}
