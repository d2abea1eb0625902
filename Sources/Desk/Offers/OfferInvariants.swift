internal import Kernel

/// What holds of offers, worked out anew from sessions. For tests and the simulator.
extension DeskState {
  func checkOffers() -> [String] {
    var problems: [String] = []
    var asked: [AgentID: [SessionID]] = [:]
    for id in sessionTable.sortedKeys {
      guard let session = sessionTable[id] else { continue }
      let offering = session.routing?.offering ?? Offering()
      if level < Offer.since, !offering.isEmpty {
        problems.append("\(id): was offered, which level \(level) does not know")
      }
      if (offering.current != nil) != (session.timers.time(of: .ring) != nil) {
        problems.append("\(id): is offered without an end, or has the end of no offer")
      }
      guard let offer = offering.current else { continue }
      asked[offer.agent, default: []].append(id)
      if session.state != .queued || session.isPassedOver {
        problems.append("\(id): is offered, and does not wait")
      }
    }
    for agent in agents() {
      let right = asked.removeValue(forKey: agent.id) ?? []
      if agent.offerSet.elements != right { problems.append("agent \(agent.id): wrong list of offers") }
      if right.count > Offer.mostOfAgent { problems.append("agent \(agent.id): is asked for too many") }
      problems += agent.offerSet.checkInvariants()
    }
    for agent in asked.keys.sorted() { problems.append("agent \(agent): unknown, and is asked") }
    return problems
  }
}
