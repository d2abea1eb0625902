/// What those who follow a session are told beside its messages, other than by an operation of its own (`SessionOperation.events`).
package enum Events {
  package static let ofSessions: [any SessionNews.Type] = [
    Queued.self, Assigned.self, Transferred.self, Closed.self, TypingTold.self, ReadTold.self,
    PresenceTold.self,
  ]
}
