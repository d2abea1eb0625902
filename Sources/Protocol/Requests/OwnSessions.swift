/// The open sessions of whoever asks, newest first.
package struct OwnSessions: Hashable, Sendable {
  package struct Session: Hashable, Sendable {
    package var summary: SessionSummary
    package var channel: String
    package var skill: String
    /// ms since 1970.
    package var openedAt: UInt64
    package var updatedAt: UInt64
    package init(
      summary: SessionSummary, channel: String, skill: String, openedAt: UInt64, updatedAt: UInt64
    ) {
      self.summary = summary
      self.channel = channel
      self.skill = skill
      self.openedAt = openedAt
      self.updatedAt = updatedAt
    }
  }

  package var sessions: [Session]
  /// There are older ones.
  package var more: Bool
  package init(sessions: [Session], more: Bool) {
    self.sessions = sessions
    self.more = more
  }
}
