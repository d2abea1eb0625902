import Desk
import Kernel

/// Who is asked for whom, worked out a second time from the log: one agent at a time, who has room for it, until that agent or
/// time says no; and whoever has said yes has it, and nobody else.
struct OfferOfChat {
  var agent: AgentWatch.Key
  var number: UInt32
}

extension AgentWatch {
  /// - Returns: what is wrong with what is told of offers; nil: nothing.
  mutating func offers(_ news: NewsRecord, in id: SessionID, of submission: Submission) -> String? {
    if let offered = news.opened(as: Offered.self) {
      return begins(offered, in: id)
    }
    if let ended = news.opened(as: OfferEnded.self) {
      return ends(ended, in: id, of: submission)
    }
    return nil
  }

  private mutating func begins(_ offered: Offered, in id: SessionID) -> String? {
    let key = Key(id.desk, AgentID(offered.agent))
    guard let chat = chats[id] else { return "session \(id.text) is offered, and was never opened" }
    if let other = chat.offer { return "session \(id.text) is offered to \(key.id) and to \(other.agent.id)" }
    if let other = chat.agent { return "session \(id.text) is offered to \(key.id), and \(other.id) has it" }
    guard policies.rings else { return "session \(id.text) is offered to \(key.id) by no policy" }
    guard offered.offer == chat.offers + 1 else {
      return "offer \(offered.offer) of session \(id.text) follows on \(chat.offers)"
    }
    guard let agent = agents[key], agent.status == .online, agent.skills.contains(chat.skill),
      !chat.isPassedOver
    else { return "session \(id.text) is offered to \(key.id), who does not serve it" }
    guard agent.hasRoom else { return "\(key.id) is asked for more than it can serve" }
    if let first = firstBefore(id, chat, for: agent) {
      return "session \(id.text) is offered before \(first.text)"
    }
    isOffered(id, key, offered)
    return nil
  }

  private mutating func isOffered(_ id: SessionID, _ key: Key, _ news: Offered) {
    offered += 1
    if chats[id]?.waits == true { pulled += 1 }
    chats[id]?.waits = false
    chats[id]?.offer = OfferOfChat(agent: key, number: news.offer)
    chats[id]?.offers = news.offer
    agents[key]?.offers.insert(id)
    timers.rings(id, for: news.expires, at: now)
  }

  private mutating func ends(_ ended: OfferEnded, in id: SessionID, of submission: Submission) -> String? {
    let key = Key(id.desk, AgentID(ended.agent))
    guard agents[key]?.offers.remove(id) != nil else {
      return "an offer of session \(id.text) to \(key.id) ends, and there is none"
    }
    // One that was closed is not known any more.
    if let chat = chats[id], chat.offer?.agent != key || chat.offer?.number != ended.offer {
      return "offer \(ended.offer) of session \(id.text) ends, and is not the one that there is"
    }
    chats[id]?.offer = nil
    switch ended.reason {
    case .declined:
      guard said(Decline.number, ended.offer, by: key, in: id, submission) else {
        return "\(key.id) has declined session \(id.text), and has not said so"
      }
      passed += 1
      agents[key]?.missed = 0
      timers.ringEnds(id)
    case .missed, .lost:
      guard timers.fires(.ring, id, at: now) else {
        return "the offer of session \(id.text) to \(key.id) ends before its time"
      }
      passed += 1
      guard ended.reason == .missed else { break }
      guard agents[key]?.status != .offline else { return "\(key.id) is not there, and has missed something" }
      agents[key]?.missed += 1
      if let agent = agents[key], agent.status == .online, agent.missed >= policies.missesToAway {
        agents[key]?.status = .away
        agents[key]?.missed = 0
      }
    case .withdrawn: timers.ringEnds(id)
    }
    return nil
  }

  /// Whether the submission is that word of that agent on that offer.
  private func said(
    _ operation: UInt16, _ number: UInt32, by key: Key, in id: SessionID, _ submission: Submission
  ) -> Bool {
    guard case .perform(let envelope) = submission.command, envelope.session == id,
      key == Key(id.desk, AgentID(envelope.by.id))
    else { return false }
    switch envelope.operation {
    case Accept.number: return operation == Accept.number && envelope.opened(as: Accept.self)?.offer == number
    case Decline.number:
      return operation == Decline.number && envelope.opened(as: Decline.self)?.offer == number
    // Whoever takes what it is asked for has accepted it.
    case Claim.number: return operation == Accept.number
    default: return false
    }
  }

  /// A session that is offered is given to somebody.
  mutating func accept(_ id: SessionID, _ chat: Chat, _ key: Key, _ submission: Submission) -> String? {
    guard let offer = chat.offer, offer.agent == key,
      said(Accept.number, offer.number, by: key, in: id, submission)
    else { return "session \(id.text) is given to \(key.id), who has not accepted it" }
    accepted += 1
    acceptedNow.insert(id)
    chats[id]?.offer = nil
    chats[id]?.promised = nil
    agents[key]?.offers.remove(id)
    timers.ringEnds(id)
    isGiven(id, to: key)
    return nil
  }
}
