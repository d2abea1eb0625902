/// One message of a transcript. Built when it is asked for: the state keeps messages packed.
package struct Message: Hashable, Sendable {
  package var sequence: Sequence
  /// Chosen by the sender's client; unique among the sender's own in the session.
  package var id: String
  package var sender: Person
  package var kind: MessageKind
  /// UTF-8.
  package var body: [UInt8]
  /// ms since 1970, as the log says.
  package var time: UInt64

  package init(
    sequence: Sequence, id: String, sender: Person, kind: MessageKind, body: [UInt8], time: UInt64
  ) {
    self.sequence = sequence
    self.id = id
    self.sender = sender
    self.kind = kind
    self.body = body
    self.time = time
  }
}

/// Which part of a transcript is asked for.
package enum TranscriptRange: Hashable, Sendable {
  /// The first messages after this one.
  case after(Sequence)
  /// The last messages before this one.
  case before(Sequence)
  /// The first messages at or after this time, in ms since 1970.
  case since(UInt64)

  package var isBackwards: Bool {
    switch self {
    case .before: true
    case .after, .since: false
    }
  }
}

/// A part of a transcript, in ascending order.
package struct TranscriptPage: Hashable, Sendable {
  package var messages: [Message]
  /// There are more in the direction in which was asked: later ones for `after` and `since`, earlier ones for
  /// `before`.
  package var more: Bool
  /// What is asked for begins with messages that are gone: they lay in months that were dropped. The page begins, or for `before`
  /// ends its way back, with the first one that is kept.
  package var isCut = false

  /// What a message counts for beside its body where a page is bounded by bytes.
  package static let overhead = 200
}
