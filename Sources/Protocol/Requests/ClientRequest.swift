package import Desk

/// A client's connection on this node: its gateway loop, and its number since the node's start.
package struct ConnectionID: Hashable, Sendable {
  /// Which sink (gateway loop) serves it.
  package var sink: UInt16
  /// Never used twice while the process lives; from 1.
  package var number: UInt64
  package init(sink: UInt16, number: UInt64) {
    self.sink = sink
    self.number = number
  }
}

/// What a gateway asks of the replica in the name of a connection. Requests of one connection are taken in order.
package struct ClientRequest: Sendable {
  package var connection: ConnectionID
  /// Handed back in the reply; chosen by the gateway, for instance a slot of the connection's open requests.
  package var tag: UInt32
  package var person: Person
  /// The desk that the person is of: nothing else of the cluster is there for them.
  package var desk: DeskName
  package var body: DeskRequest
  /// Whether the connection is there for longer than the answer; over HTTP each request is one of its own.
  package var stays: Bool

  package init(
    connection: ConnectionID, tag: UInt32, person: Person, desk: DeskName, body: DeskRequest, stays: Bool = true
  ) {
    (self.desk, self.stays) = (desk, stays)
    self.connection = connection
    self.tag = tag
    self.person = person
    self.body = body
  }
}
