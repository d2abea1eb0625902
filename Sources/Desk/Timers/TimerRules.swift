internal import Kernel

/// What a desk does by itself when nothing has happened for a while. From level 9 on.
///
/// All times are in ms; 0: that is not done. A rule concerns what begins after it was set: what runs already ends when it was to.
package struct TimerRules: Hashable, Sendable {
  static let since = Level.ninth
  /// Below that a desk would be busy with its own timers.
  package static let least: UInt32 = 100
  /// 30 days.
  package static let most: UInt32 = 2_592_000_000
  /// Bytes of a reminder.
  package static let mostText = 1_000

  /// Who has waited for so long without an agent is not kept any longer: the session is closed.
  package var queueLimit: UInt32 = 0
  /// An agent who was given a chat and says nothing for so long loses it to others, or gets it anew if there are none.
  package var noReply: UInt32 = 0
  /// A customer who says nothing for so long after the words of an agent is reminded, once, in `remindText`.
  package var remind: UInt32 = 0
  package var remindText = ""
  /// Where a customer says nothing for so long after the words of an agent, the session is closed.
  package var idleClose: UInt32 = 0

  package init(
    queueLimit: UInt32 = 0, noReply: UInt32 = 0, remind: UInt32 = 0, remindText: String = "",
    idleClose: UInt32 = 0
  ) {
    (self.queueLimit, self.noReply, self.remind) = (queueLimit, noReply, remind)
    (self.remindText, self.idleClose) = (remindText, idleClose)
  }

  /// In ms; 0: never.
  func delay(of kind: TimerKind) -> UInt32 {
    switch kind {
    case .queueLimit: queueLimit
    case .noReply: noReply
    case .remind: remind
    case .idleClose: idleClose
    // Of the policy: see `RingRule`.
    case .ring: 0
    }
  }

  /// Words of an agent start something.
  var concernsWords: Bool { remind > 0 || idleClose > 0 }

  package static func == (left: Self, right: Self) -> Bool {
    (left.queueLimit, left.noReply, left.remind, left.idleClose)
      == (right.queueLimit, right.noReply, right.remind, right.idleClose)
      && left.remindText.hasSameBytes(as: right.remindText)
  }
  package func hash(into hasher: inout Hasher) {
    for delay in [queueLimit, noReply, remind, idleClose] { hasher.combine(delay) }
    remindText.hashBytes(into: &hasher)
  }
}

/// What a timer is for. The number is that of snapshots, and the order in which timers of one time and session fire.
enum TimerKind: UInt8, CaseIterable, Sendable {
  case queueLimit = 0
  case noReply = 1
  case remind = 2
  case idleClose = 3
  case ring = 4
}

/// The rules that a desk has now.
struct KeptTimerRules: Hashable, Sendable {
  private(set) var rules = TimerRules()
  /// Counts changes, from 1; 0: nobody has set any.
  private(set) var version: UInt64 = 0

  init() {}

  mutating func set(_ rules: TimerRules) {
    self.rules = rules
    version += 1
  }

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(version)
    if version > 0 { writer.write(bytes: SetTimers.fields.encode(SetTimers(rules))) }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    version = try reader.readVarint()
    guard version > 0 else { return }
    rules = try SetTimers.fields.decode(try reader.readBytes(limit: .max)).rules
  }
}
