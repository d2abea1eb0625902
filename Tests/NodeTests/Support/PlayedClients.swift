import Desk
import Kernel
import Protocol
import Raft
import Testing

@testable import Node

/// Clients of node 1 and of the others, and what became of what they asked.
extension LoneNode {
  /// A customer's session, opened elsewhere.
  mutating func open(_ request: String, customer: String = "ann", skill: String = "", owner: UInt64) throws
    -> SessionID
  {
    let open = OpenSession(
      customer: Person(id: customer, role: .customer, name: customer), requestID: request, channel: "web",
      skill: skill, intent: "", priority: 0, attributes: [], owner: ServerID(owner))
    commit([Submission(origin: Origin(server: ServerID(owner), request: 0), command: .open(open))])
    return try #require(SessionID(index: last.rawValue, place: 0))
  }

  /// Something is said on another node.
  mutating func sayElsewhere(_ id: String, in session: SessionID, by customer: String = "ann", bytes: Int = 1) {
    commit([said(id, in: session, by: customer, bytes: bytes)])
  }

  func said(_ id: String, in session: SessionID, by customer: String = "ann", bytes: Int = 1) -> Submission {
    let send = SendMessage(
      session: session, epoch: node.state.owner(of: session)?.epoch ?? Epoch(1), id: id,
      sender: Person(id: customer, role: .customer, name: customer), kind: .text,
      body: [UInt8](repeating: 65, count: bytes))
    return Submission(origin: Origin(server: ServerID(3), request: 0), command: .send(send))
  }

  /// A client of this node asks.
  mutating func ask(
    _ body: DeskRequest, tag: UInt32 = 0, by person: Person = .ann, of desk: DeskName = .main,
    on connection: ConnectionID = .first, stays: Bool = true
  ) {
    take(
      .requests([
        ClientRequest(
          connection: connection, tag: tag, person: person, desk: desk, body: body, stays: stays)
      ]))
  }

  /// Somebody on this node says something.
  mutating func say(
    _ id: String, in session: SessionID, tag: UInt32, customer: String = "ann", agent: Person? = nil,
    body: [UInt8] = [1], on connection: ConnectionID = .first
  ) {
    let person = agent ?? Person(id: customer, role: .customer, name: customer)
    ask(.send(session, id: id, body: body), tag: tag, by: person, on: connection)
  }

  /// The pending request as its owner proposes it, under the epoch of now.
  func submission(_ number: UInt64) -> Submission {
    let command = node.pending[number].map { request in
      request.session.flatMap { node.state.owner(of: $0) }.map { request.command.under($0.epoch) }
        ?? request.command
    }
    guard let command else {
      Issue.record("request \(number) is not pending")
      return Submission(
        origin: Origin(server: ServerID(1), request: 0), command: .timePasses(TimePasses(limit: 1)))
    }
    return Submission(origin: Origin(server: ServerID(1), request: number), command: command)
  }

  /// Requests of clients that have no answer.
  var pending: [UInt64] { node.pending.numbers { $0.connection != nil } }

  /// All that clients of this node have asked for is committed.
  mutating func commitPending() { commit(pending.map { submission($0) }) }

  // MARK: What went to others

  /// Commands that were passed on to the owner of their session, in order.
  func forwards(to owner: UInt64) -> [Forward] {
    frames.flatMap { frame -> [Forward] in
      guard frame.to == NodeID(owner), case .forward(let batch) = frame.content else { return [] }
      return batch.forwards
    }
  }

  /// What this node, as an owner, has not taken.
  func refusals(to origin: UInt64) -> [ForwardRefusal] {
    frames.flatMap { frame -> [ForwardRefusal] in
      guard frame.to == NodeID(origin), case .refused(let refusals) = frame.content else { return [] }
      return refusals
    }
  }

  /// What this node, as an owner, has given to the leader: one array for each entry.
  var proposals: [[Submission]] {
    frames.flatMap { frame -> [[Submission]] in
      guard frame.to == NodeID(2), case .raft(let messages) = frame.content else { return [] }
      return messages.flatMap { message -> [[Submission]] in
        guard case .propose(let payloads) = message.body else { return [] }
        return payloads.compactMap { try? CommandCodec.decode($0.data) }
      }
    }
  }
}

extension ConnectionID {
  static let first = ConnectionID(sink: 0, number: 1)
}

extension Person {
  static let ann = Person(id: "ann", role: .customer, name: "ann")
  static let anna = Person(id: "anna", role: .agent, name: "anna")
}
