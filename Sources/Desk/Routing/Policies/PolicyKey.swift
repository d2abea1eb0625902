internal import Kernel

/// For which sessions a policy is: those of a channel and an intent, or of any.
struct PolicyKey: Hashable, Comparable, Sendable {
  /// Stands for any channel, and for any intent.
  static let any = "*"

  let channel: TextKey
  let intent: TextKey

  init(channel: String, intent: String) { (self.channel, self.intent) = (TextKey(channel), TextKey(intent)) }

  static func < (left: PolicyKey, right: PolicyKey) -> Bool {
    left.channel != right.channel ? left.channel < right.channel : left.intent < right.intent
  }

  /// Where the policy of a session is looked for, in this order.
  static func places(channel: String, intent: String) -> [PolicyKey] {
    [
      PolicyKey(channel: channel, intent: intent), PolicyKey(channel: channel, intent: any),
      PolicyKey(channel: any, intent: intent), PolicyKey(channel: any, intent: any),
    ]
  }
}

/// A policy as a desk keeps it.
struct KeptPolicy: Hashable, Sendable {
  let key: PolicyKey
  /// Counts all changes of the desk's policies, from 1. 0: the built-in one, which nobody has set.
  let version: UInt64
  let policy: Policy
  /// When it was set, in ms since 1970.
  let setAt: UInt64

  static let builtIn = KeptPolicy(
    key: PolicyKey(channel: PolicyKey.any, intent: PolicyKey.any), version: 0, policy: .builtIn, setAt: 0)
}
