/// What is seen of a client's connections, as it happens: for those who look at every frame.
package enum FrameSighting: Sendable {
  /// A new connection; what was sent and received before belongs to an earlier one.
  case connected
  case sent(SentFrame)
  case received(ReceivedFrame)
}
