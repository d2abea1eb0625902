import Desk
import Protocol

/// A second desk, whose people have the names of those in the first one, and who pry now and then into what is not theirs.
extension World {
  static let secondDesk = DeskName("second") ?? .main

  func makeDesk() {
    func add(_ kind: SimulatedClient.Kind, _ person: Person, of desk: DeskName?) {
      self.add(
        kind, person, of: desk, first: secondDice.below(nodes.count), connects: secondDice.below(20_000),
        acts: secondDice.below(plan.clientPause * 2))
    }
    add(.founder, Person(id: "root", role: .admin, name: "Root"), of: nil)
    let customer = Person(id: "c0", role: .customer, name: "Customer 0 there")
    conversations.append(Conversation(customer: customer, desk: Self.secondDesk, skill: ""))
    for _ in 0..<2 { add(.customer(conversation: conversations.count - 1), customer, of: Self.secondDesk) }
    add(.visitor(0), Person(id: "v0", role: .customer, name: "Visitor 0 there"), of: Self.secondDesk)
    add(.agent(1), Person(id: "a1", role: .agent, name: "Agent 1 there"), of: Self.secondDesk)
  }

  /// Whether any node has heard of the second desk.
  var isDeskKnown: Bool { nodes.contains { $0.state.number(of: Self.secondDesk) != nil } }

  /// By the word of whoever knows it; `main` while nobody does.
  func desk(of client: Int) -> DeskNumber {
    guard let name = clients[client].desk else { return .main }
    return nodes.lazy.compactMap { $0.state.number(of: name) }.first ?? DeskNumber(1)
  }

  /// Somebody asks for what is another desk's, by its right id.
  /// - Returns: nil: not now.
  func prying(_ client: Int) -> ClientWish? {
    guard plan.hasDesks, !isCalm, clients[client].link != nil, secondDice.chance(permille: 150) else {
      return nil
    }
    let own = desk(of: client)
    guard let session = secondDice.pick(histories.map(\.session).filter { $0.desk != own }) else { return nil }
    clients[client].performed += 1
    let id = "x\(client)-\(clients[client].performed)"
    return switch secondDice.below(3) {
    case 0: .read(session)
    case 1: .perform(Rate(session: session, score: 1), id: id)
    default: .perform(Close(session: session, reason: "not mine"), id: id)
    }
  }

  /// Whether a wish is about another desk than that of whoever has it, or about one that may not be there yet.
  func isAcross(_ wish: ClientWish, _ client: Int) -> Bool {
    let own = desk(of: client)
    switch wish {
    case .join(let session), .send(let session, _, _), .close(let session), .transfer(let session, _, _),
      .read(let session), .notes(let session), .participants(let session):
      return session.desk != own
    case .perform(let operation, _): return operation.session.desk != own
    case .open, .sessions, .status: return clients[client].desk != nil
    case .createDesk, .erase, .watch, .arrange: return false
    }
  }

  /// - Returns: what is wrong with an answer to somebody of another desk; nil: nothing.
  func heardAcross(_ wish: ClientWish, _ outcome: ClientAction.Outcome, _ client: Int) -> String? {
    guard plan.hasDesks, isAcross(wish, client) else { return nil }
    switch (wish, outcome) {
    case (.open, _), (.sessions, _), (.status, _): return nil
    case (_, .failed(.refused("not_found", _))), (_, .failed(.timedOut)): return nil
    // A read of nobody's: who may read at all is told first.
    case (.perform, .failed(.refused("forbidden", _))): return nil
    default: return "is of another desk, and hears \(outcome) to \(wish)"
    }
  }
}
