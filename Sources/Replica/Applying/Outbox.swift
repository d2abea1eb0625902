import Desk
internal import Protocol

/// What one gateway loop gets at the end of the turn.
struct Outbox {
  var sink: (any DeliverySink)?
  var deliveries: [Delivery] = []
}

extension ReplicaCore {
  func attach(_ sink: any DeliverySink, as number: UInt16) {
    while outboxes.count <= Int(number) { outboxes.append(Outbox()) }
    outboxes[Int(number)].sink = sink
  }

  func put(_ delivery: Delivery, into sink: UInt16) {
    guard Int(sink) < outboxes.count else { return }
    outboxes[Int(sink)].deliveries.append(delivery)
  }

  func reply(_ connection: ConnectionID, _ tag: UInt32, _ reply: Reply) {
    put(.reply(connection, tag: tag, reply), into: connection.sink)
  }

  /// One delivery for each gateway loop that serves followers; `delivery` makes it for the connections there.
  func fanOut(_ connections: [ConnectionID], _ delivery: ([ConnectionID]) -> Delivery) {
    guard let first = connections.first else { return }
    if connections.allSatisfy({ $0.sink == first.sink }) {
      return put(delivery(connections), into: first.sink)
    }
    for sink in UInt16(0)..<UInt16(outboxes.count) {
      let here = connections.filter { $0.sink == sink }
      if !here.isEmpty { put(delivery(here), into: sink) }
    }
  }

  func deliver() {
    for number in outboxes.indices where !outboxes[number].deliveries.isEmpty {
      let batch = outboxes[number].deliveries
      outboxes[number].deliveries = []
      outboxes[number].sink?.deliver(batch)
    }
  }
}
