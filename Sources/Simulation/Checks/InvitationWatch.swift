import Desk
import Kernel

/// Who is invited where, and what time takes away, worked out a second time from the log.
extension AgentWatch {
  /// What the next word of time takes away.
  struct Due {
    struct Invitation: Hashable {
      var key: Key
      var session: SessionID
    }
    var chats: Set<SessionID> = []
    var invitations: Set<Invitation> = []
    var isEmpty: Bool { chats.isEmpty && invitations.isEmpty }
    var count: Int { chats.count + invitations.count }
  }

  /// Whoever takes a session out of its line by hand gets it past all others.
  mutating func promise(_ effects: [Effect], of submission: Submission) {
    guard case .perform(let envelope) = submission.command, envelope.operation == Claim.number else { return }
    for case .session(envelope.session, .assigned) in effects {
      chats[envelope.session]?.promised = Key(envelope.session.desk, AgentID(envelope.by.id))
    }
  }

  /// - Returns: what is wrong with what is told of invitations; nil: nothing.
  mutating func take(_ news: NewsRecord, in id: SessionID, _ due: inout Due) -> String? {
    if let invited = news.opened(as: Invited.self) {
      let key = Key(id.desk, AgentID(invited.agent))
      guard let chat = chats[id], chat.agent != key, !chat.invited.contains(key),
        agents[key]?.status == .online,
        chat.invited.count < Team.mostInvited
      else { return "\(key.id) is invited to session \(id.text), and cannot be" }
      invitations += 1
      chats[id]?.invited.append(key)
      agents[key]?.invitations.insert(id)
    }
    if let ended = news.opened(as: InviteEnded.self) {
      let key = Key(id.desk, AgentID(ended.agent))
      guard chats[id]?.invited.contains(key) == true else {
        return "\(key.id) leaves session \(id.text), and was not invited"
      }
      let isDue = due.invitations.remove(Due.Invitation(key: key, session: id)) != nil
      guard isDue == (ended.reason == .lost) else { return "\(key.id) has lost its invitation to \(id.text)" }
      chats[id]?.invited.removeAll { $0 == key }
      agents[key]?.invitations.remove(id)
    }
    return nil
  }
}
