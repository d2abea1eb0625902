internal import Desk

extension OpenedFrame {
  init(_ summary: SessionSummary) {
    self.init(
      session: summary.session, state: summary.state.rawValue, position: UInt64(max(0, summary.position)),
      eta: UInt64(max(0, summary.etaMilliseconds)), agents: summary.agents.map(\.rawValue),
      etaLow: summary.etaRange?.lowerBound, etaHigh: summary.etaRange?.upperBound)
  }
}

extension JoinedFrame {
  init(_ summary: SessionSummary) {
    self.init(session: summary.session, state: summary.state.rawValue, seq: summary.sequence)
  }
}
