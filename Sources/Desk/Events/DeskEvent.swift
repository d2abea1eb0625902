internal import Kernel

/// One thing that has happened in a desk, as every node finds it in the log.
package struct DeskEvent: Sendable {
  /// The entry that has brought it about, and which of the desk's events of that entry it is, from 1: the same on all nodes.
  package let index: UInt64
  package let place: UInt32
  /// Of the entry, in ms since 1970.
  package let time: UInt64
  /// nil: it is about no session.
  package let session: SessionID?
  package let news: any DeskNews

  package init(index: UInt64, place: UInt32, time: UInt64, session: SessionID?, news: any DeskNews) {
    (self.index, self.place, self.time, self.session, self.news) = (index, place, time, session, news)
  }

  package var name: String { "\(type(of: news).name)" }

  /// The event as a JSON object.
  package var json: String {
    let session = session.map { #","session":"\#($0)""# } ?? ""
    return #"{"time":\#(TimeText.rfc3339(time).quotedJSON)\#(session)\#(news.members)}"#
  }
}

extension ReplicatedState {
  /// What an entry has brought about in a desk, to be called right after it was applied: places in lines and agents are
  /// told as they are behind the whole entry. What was said in sessions is not among it.
  /// - Parameters:
  ///   - effects: of the entry.
  ///   - tell: is given the events in order; the desk's first has place 1.
  package func tellEvents(
    of effects: [Effect], in number: DeskNumber, index: UInt64, time: UInt64, _ tell: (DeskEvent) -> Void
  ) {
    var place: UInt32 = 0
    for effect in effects {
      let (session, news): (SessionID?, (any DeskNews)?)
      switch effect {
      case .session(let id, let change) where id.desk == number:
        (session, news) = (id, self.news(of: id, change))
      // What is not for everybody is for those who follow the session, and found by a query.
      case .news(let id, let record) where id.desk == number && record.audience == .everybody:
        (session, news) = (id, record.news)
      case .agent(number, let agent):
        (session, news) = (nil, self.agent(agent, in: number).map { AgentChanged($0) })
      case .session, .news, .agent, .answer, .message, .serverLost, .timePassed, .levelRaised, .audited,
        .annotated:
        continue
      }
      guard let news else { continue }
      place += 1
      tell(DeskEvent(index: index, place: place, time: time, session: session, news: news))
    }
  }

  private func news(of id: SessionID, _ change: SessionChange) -> (any DeskNews)? {
    switch change {
    case .opened:
      return session(id).map { session in
        Opened(
          customer: session.customer.id, shown: session.customer.name, channel: session.channel,
          skill: session.skill, priority: session.priority)
      }
    case .released(let agent): return Released(agent: agent.rawValue)
    case .transferred(let from, .agent(let agent)):
      return Transferred(from: from?.rawValue, to: agent.rawValue, skill: nil)
    case .transferred(let from, .skill(let skill)):
      return Transferred(from: from?.rawValue, to: nil, skill: skill)
    case .queued(let position):
      let place = self.position(of: id)
      return Queued(position: position, eta: place?.etaMilliseconds ?? 0, range: place?.etaRange)
    case .assigned(let agent):
      return Assigned(agent: agent.rawValue, shown: self.agent(agent, in: id.desk)?.name ?? agent.rawValue)
    case .closed(let by, let reason): return Closed(by: by.id, reason: reason)
    case .left: return session(id).map { Left(customer: $0.customer.id) }
    case .unclaimed(let offers): return Unclaimed(offers: offers)
    case .returned: return session(id).map { Returned(customer: $0.customer.id) }
    }
  }
}
