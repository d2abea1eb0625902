import Desk
import Kernel
import Testing

extension Desk {
  /// Something that somebody asks of a session.
  @discardableResult
  mutating func perform<One: SessionOperation>(
    _ operation: One, by person: Person, id: String = "", location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    let epoch = state.session(operation.session)?.epoch ?? Epoch(1)
    let envelope = Envelope(operation, id: id.isEmpty ? "p\(index)" : id, by: person, epoch: epoch)
    return apply(.perform(envelope), location: location)
  }

  /// A session that an agent serves, at the newest level.
  static func served(by agent: String = "bob") -> (Desk, SessionID) {
    var desk = Desk.newest
    desk.status(agent)
    let session = desk.open()
    return (desk, session)
  }

  func invited(to session: SessionID) -> [String] { state.session(session)?.invited.map(\.rawValue) ?? [] }

  /// What is told of an outcome, but for the audit.
  static func told(_ outcome: Outcome) -> [Effect] {
    outcome.effects.filter { if case .audited = $0 { false } else { true } }
  }

  func ask<One: Query>(_ query: One, by person: Person) throws -> One.Answer {
    let answer = try state.answer(QueryRequest(query, isOfCluster: false), by: person, of: .main).answer.get()
    return try #require(answer as? One.Answer)
  }

  /// The same desk from its own snapshot, with the same bytes.
  mutating func reload(location: SourceLocation = #_sourceLocation) throws {
    let bytes = state.encodedSnapshot()
    let again = try ReplicatedState(snapshot: bytes)
    #expect(again.encodedSnapshot() == bytes, sourceLocation: location)
    #expect(again.checkInvariants().isEmpty, sourceLocation: location)
    state = again
  }
}
