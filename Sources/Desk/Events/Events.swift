/// What those who follow a session are told beside its messages, other than by an operation of its own (`SessionOperation.events`).
package enum Events {
  package static let ofSessions: [any SessionNews.Type] = [
    Queued.self, Assigned.self, Transferred.self, Closed.self, TypingTold.self, ReadTold.self,
    PresenceTold.self,
  ]

  /// What those who follow a desk are told, in the order of a session's life.
  package static let ofDesks: [any DeskNews.Type] =
    [
      DeskSummary.self, Opened.self, Queued.self, Assigned.self, Transferred.self, Released.self, Left.self,
      Returned.self, Unclaimed.self, Closed.self,
    ]
    + NewsRecord.all.sorted { $0.key < $1.key }.map(\.value).filter { news in
      !ofSessions.contains { $0.number == news.number } && news.audience == .everybody
    } + [AgentChanged.self]
}
