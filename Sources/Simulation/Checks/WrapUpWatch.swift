import Desk
import Kernel

/// Who still has to do with a chat that is over, worked out a second time from the log.
extension AgentWatch {
  /// The agent has the chat no longer.
  mutating func wrapsUp(_ id: SessionID, _ chat: Chat, _ key: Key) {
    agents[key]?.chats.remove(id)
    let time = level >= .tenth ? policies.wrapUp(behind: chat, in: id.desk) : 0
    if time > 0 { agents[key]?.wrapUps[id] = now + time }
  }

  /// The agent is told of as another one than it was: by a word of time that is over, or by its own.
  mutating func isReady(_ key: Key, by submission: Submission) {
    switch submission.command {
    case .timePasses:
      let left = agents[key]?.wrapUps.filter { $0.value > now } ?? [:]
      agents[key]?.wrapUps = left
    case .arrange(let envelope):
      guard let ready = envelope.record.opened(as: EndWrapUp.self) else { return }
      if let session = ready.session {
        agents[key]?.wrapUps[session] = nil
      } else {
        agents[key]?.wrapUps = [:]
      }
    case .open, .send, .perform, .setStatus, .endPresences, .serverLost, .dropMonths, .raiseLevel, .attend,
      .govern,
      .noteRead, .annotate:
      break
    }
  }
}
