internal import Kernel

/// How agents are asked before they are given a conversation. Part of a policy. From level 10 on.
package struct RingRule: Hashable, Sendable {
  /// For how long one agent is asked, in ms.
  package var timeout: UInt32
  /// Whoever has missed so many in a row is away from then on.
  package var missesToAway: UInt32
  /// After so many offers that came to nothing, one behind the other, the desk is told that nobody wants the conversation.
  package var attempts: UInt32

  package init(timeout: UInt32 = 20_000, missesToAway: UInt32 = 2, attempts: UInt32 = 5) {
    (self.timeout, self.missesToAway, self.attempts) = (timeout, missesToAway, attempts)
  }

  package static let fields = Fields(
    Self.init(timeout:missesToAway:attempts:),
    Field(
      1, "timeout_ms", { $0.timeout }, .amount(TimerRules.least...300_000).or(20_000, isSaid: true),
      "For how long one agent is asked."),
    Field(
      2, "misses_to_away", { $0.missesToAway }, .amount(1...100).or(2, isSaid: true),
      "An agent who has let so many pass in a row, without a word, is `away` from then on."),
    Field(
      3, "attempts", { $0.attempts }, .amount(1...100).or(5, isSaid: true),
      "After so many offers in a row that came to nothing the desk is told: `unclaimed`. Agents go on being asked."
    ))
}

extension Policy {
  package enum Accept: UInt8, Sendable, CaseIterable {
    /// An agent has what it is given.
    case auto = 1
    /// An agent is asked, and has what it accepts.
    case ring = 2

    package var name: String {
      switch self {
      case .auto: "auto"
      case .ring: "ring"
      }
    }
  }
}
