import Desk
import Kernel
import Testing

extension Desk {
  /// A desk at the newest level.
  static var newest: Desk {
    var desk = Desk()
    desk.raise(.newest)
    return desk
  }

  /// Something that an admin asks of a desk.
  @discardableResult
  mutating func arrange<One: DeskOperation>(
    _ operation: One, id: String = "", by person: Person = admin, in number: DeskNumber = .main,
    location: SourceLocation = #_sourceLocation
  ) -> Outcome {
    let record = DeskRecord(operation, id: id.isEmpty ? "a\(index)" : id)
    return apply(.arrange(DeskEnvelope(record, by: person, in: number, presence: nil)), location: location)
  }

  /// Sets the policy of all conversations.
  mutating func policy(
    _ policy: Policy, channel: String = "*", intent: String = "*", location: SourceLocation = #_sourceLocation
  ) {
    let outcome = arrange(SetPolicy(channel: channel, intent: intent, policy: policy), location: location)
    #expect(outcome.answer == .done, sourceLocation: location)
    // Whoever waits is looked at again.
    pass(0, location: location)
  }

  /// - Parameter skills: with their levels, in thousandths.
  mutating func agent(
    _ agent: String, _ status: AgentStatus = .online, levels: [String: UInt32] = [:], capacity: UInt32 = 10,
    location: SourceLocation = #_sourceLocation
  ) {
    let skills = levels.sorted { $0.key < $1.key }.map { SkillWeight(skill: $0.key, weight: $0.value) }
    apply(
      .setStatus(
        SetAgentStatus(
          agent: AgentID(agent), name: agent, status: status, skills: skills, capacity: capacity,
          presence: Presence(server: Self.one, connection: 1))), location: location)
  }

  func explanation(of session: SessionID) throws -> Explanation {
    let asked = QueryRequest(Explain(session: session), isOfCluster: false)
    let answer = try state.answer(asked, by: .supervisor("kim"), of: .main).answer.get()
    return try #require(answer as? Explanation)
  }
}

/// Reads a document as a client says it.
func readPolicy(_ document: String) -> Result<Policy, Failure> {
  let text = Array(#"{"channel":"*","intent":"*","policy":\#(document)}"#.utf8)
  return text.withUnsafeBytes { text in
    do throws(Failure) { return .success(try SetPolicy.fields.read(text).policy) } catch {
      return .failure(error)
    }
  }
}
