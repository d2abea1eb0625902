internal import Desk
internal import Protocol

/// What every document about a session says of it.
struct SessionHead: Encodable {
  var session: String
  var state: String
  var seq: UInt64
  /// These only while it is queued.
  var position: Int?
  var etaMs: Int?
  var etaLowMs: UInt64?
  var etaHighMs: UInt64?
  var agents: [String]
  var channel: String
  var skill: String
  var openedAt: String
  var updatedAt: String

  /// - Parameters:
  ///   - openedAt: in ms since 1970, as `updatedAt`.
  init(_ summary: SessionSummary, channel: String, skill: String, openedAt: UInt64, updatedAt: UInt64) {
    session = summary.session.text
    state = summary.state.rawValue
    seq = summary.sequence.rawValue
    position = summary.state == .queued ? summary.position : nil
    etaMs = summary.state == .queued ? summary.etaMilliseconds : nil
    etaLowMs = summary.state == .queued ? summary.etaRange?.lowerBound : nil
    etaHighMs = summary.state == .queued ? summary.etaRange?.upperBound : nil
    agents = summary.agents.map(\.rawValue)
    self.channel = channel
    self.skill = skill
    self.openedAt = Timestamp.text(openedAt)
    self.updatedAt = Timestamp.text(updatedAt)
  }

  init(_ own: OwnSessions.Session) {
    let isQueued = own.state == Desk.Session.State.queued.name
    session = own.session.text
    state = own.state
    seq = own.seq.rawValue
    position = isQueued ? Int(clamping: own.position) : nil
    etaMs = isQueued ? Int(clamping: own.eta) : nil
    etaLowMs = isQueued ? own.etaLow : nil
    etaHighMs = isQueued ? own.etaHigh : nil
    agents = own.agents
    channel = own.channel
    skill = own.skill
    openedAt = Timestamp.text(own.openedAt)
    updatedAt = Timestamp.text(own.updatedAt)
  }
}
