package import Desk

/// What is worth telling now and not worth keeping: somebody types, or has read up to somewhere. It goes from the
/// client's node to the owner of the session, which lets few of many pass, and from there to every node. It may be lost.
package struct Signal: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case typing(Bool)
    /// Cumulative.
    case read(Sequence)
  }

  package var session: SessionID
  package var person: Person
  package var kind: Kind
  /// The connection it came from, which is not told of it: node, gateway loop, number.
  package var server: ServerID
  package var sink: UInt16
  package var connection: UInt64
  /// The owner has let it pass.
  package var isRelayed: Bool

  package init(
    session: SessionID, person: Person, kind: Kind, server: ServerID, sink: UInt16, connection: UInt64,
    isRelayed: Bool = false
  ) {
    self.session = session
    self.person = person
    self.kind = kind
    self.server = server
    self.sink = sink
    self.connection = connection
    self.isRelayed = isRelayed
  }

  /// In a frame, at the most.
  package var mostBytes: Int { 64 + person.id.utf8.count + person.name.utf8.count }
}
