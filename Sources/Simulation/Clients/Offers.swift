import Desk
import Kernel
import Protocol

/// What agents say to what they are asked for: most of the time yes, sometimes no, sometimes nothing, and sometimes too late.
extension World {
  /// - Returns: nil: not now.
  func wordOnOffer(_ client: Int) -> ClientWish? {
    guard plan.rings, clients[client].desk == nil, let link = clients[client].link,
      case .agent(let number) = clients[client].kind
    else { return nil }
    if let late = clients[client].lastOffer, ringDice.chance(permille: 100) { return word(client, late) }
    // By the word of its node, which may be old.
    let state = nodes[link.place].state
    if let over = state.agent(AgentID("a\(number)"), in: .main)?.wrappingUp.first, state.level >= .tenth,
      ringDice.chance(permille: 400)
    {
      clients[client].performed += 1
      let session = ringDice.chance(permille: 500) ? over : nil
      return .arrange(EndWrapUp(session: session), id: "r\(client)-\(clients[client].performed)")
    }
    guard let session = state.agent(AgentID("a\(number)"), in: .main)?.offers.first,
      let offer = state.offered(session), ringDice.chance(permille: 850)
    else { return nil }
    let known = SimulatedClient.KnownOffer(session: session, number: offer.offer)
    clients[client].lastOffer = known
    return word(client, known)
  }

  private func word(_ client: Int, _ offer: SimulatedClient.KnownOffer) -> ClientWish {
    clients[client].performed += 1
    let id = "r\(client)-\(clients[client].performed)"
    return ringDice.chance(permille: 750)
      ? .perform(Accept(session: offer.session, offer: offer.number), id: id)
      : .perform(Decline(session: offer.session, offer: offer.number), id: id)
  }
}
