import Protocol

/// What each gateway loop gets at the end of the turn.
struct Outbox {
  private(set) var deliveries: [[Delivery]] = []

  /// There are so many gateway loops.
  mutating func serve(_ sinks: Int) {
    while deliveries.count < sinks { deliveries.append([]) }
  }

  var sinks: Int { deliveries.count }

  mutating func put(_ delivery: Delivery, into sink: UInt16) {
    guard Int(sink) < deliveries.count else { return }
    deliveries[Int(sink)].append(delivery)
  }

  mutating func take() -> [[Delivery]] {
    guard deliveries.contains(where: { !$0.isEmpty }) else { return [] }
    defer { deliveries = Array(repeating: [], count: deliveries.count) }
    return deliveries
  }
}

extension Node {
  mutating func put(_ delivery: Delivery, into sink: UInt16) { outbox.put(delivery, into: sink) }

  mutating func reply(_ connection: ConnectionID, _ tag: UInt32, _ reply: Reply) {
    put(.reply(connection, tag: tag, reply), into: connection.sink)
  }

  /// One delivery for each gateway loop that serves some of the connections; `delivery` makes it for the connections there.
  mutating func fanOut(_ connections: [ConnectionID], _ delivery: ([ConnectionID]) -> Delivery) {
    guard let first = connections.first else { return }
    if connections.allSatisfy({ $0.sink == first.sink }) {
      return put(delivery(connections), into: first.sink)
    }
    for sink in UInt16(0)..<UInt16(clamping: outbox.sinks) {
      let here = connections.filter { $0.sink == sink }
      if !here.isEmpty { put(delivery(here), into: sink) }
    }
  }
}
