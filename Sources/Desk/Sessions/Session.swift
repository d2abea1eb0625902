internal import Kernel

/// A session as the state keeps it, which is also the view of it that is given out: a value, a few pointers large.
///
/// Do not hold one across an `apply` on the hot path: while a copy lives, the next message to that session has to
/// copy its newest chunk of messages.
package struct Session: Sendable {
  package enum State: UInt8, Sendable {
    case queued = 0
    case active = 1
    case closed = 2

    package var name: String {
      switch self {
      case .queued: "queued"
      case .active: "active"
      case .closed: "closed"
      }
    }
  }

  package let id: SessionID
  var opening: Opening
  package internal(set) var state = State.queued
  /// Who is asked to serve it; changes when it is handed on. Empty: any agent will do.
  package internal(set) var skill: String
  /// Who serves, sorted; those who did, once it is closed.
  package internal(set) var agents: [AgentID] = []
  package internal(set) var owner: ServerID
  package internal(set) var epoch = Epoch(1)
  /// The time of the last message or change of state, in ms since 1970.
  package internal(set) var updatedAt: UInt64
  /// When it last began to wait, in ms since 1970.
  package internal(set) var queuedAt: UInt64
  var closing: Closing?
  /// nil: the customer is there, as far as anybody has said.
  var absence: Absence?
  var transcript = Transcript()
  /// In no snapshot: see `CustomerTable`.
  var uncounted = UncountedBytes()
  /// All transfers that were carried out at levels 1 and 2, in order.
  var transfers: [DoneTransfer] = []
  /// Whether its skill may be another one than it was opened with.
  var wasHandedOn = false
  var done = DoneWindow()
  package internal(set) var facets = Facets()
  /// nil: it was opened below level 7.
  package internal(set) var figures: SessionFigures?
  /// What routing keeps with it. From level 9 on.
  var keptRouting: KeptRouting?
  /// From level 9 on.
  var timers = SessionTimers()
  /// Who else takes part. From level 9 on.
  var keptTeam: KeptTeam?

  /// What never changes once the session is open; shared by all copies.
  final class Opening: Sendable {
    let customer: Person
    let requestID: String
    let channel: String
    let intent: String
    let priority: Int32
    let attributes: [Attribute]
    let openedAt: UInt64
    init(
      customer: Person, requestID: String, channel: String, intent: String, priority: Int32,
      attributes: [Attribute], openedAt: UInt64
    ) {
      self.customer = customer
      self.requestID = requestID
      self.channel = channel
      self.intent = intent
      self.priority = priority
      self.attributes = attributes
      self.openedAt = openedAt
    }
  }

  final class Closing: Sendable {
    let by: Person
    let reason: String
    let time: UInt64
    init(by: Person, reason: String, time: UInt64) {
      self.by = by
      self.reason = reason
      self.time = time
    }
  }

  init(id: SessionID, opening: Opening, skill: String, owner: ServerID) {
    self.id = id
    self.opening = opening
    self.skill = skill
    self.owner = owner
    updatedAt = opening.openedAt
    queuedAt = opening.openedAt
  }

  package var customer: Person { opening.customer }
  /// The id of the client's request that opened it.
  package var requestID: String { opening.requestID }
  package var channel: String { opening.channel }
  package var intent: String { opening.intent }
  /// Higher goes first.
  package var priority: Int32 { opening.priority }
  package var attributes: [Attribute] { opening.attributes }
  /// ms since 1970.
  package var openedAt: UInt64 { opening.openedAt }
  /// ms since 1970; nil while it is not closed.
  package var closedAt: UInt64? { closing?.time }
  package var closedBy: Person? { closing?.by }
  package var closeReason: String? { closing?.reason }
  /// That of the last message; zero: there is none.
  package var sequence: Sequence { Sequence(UInt64(transcript.count)) }
  package var isClosed: Bool { state == .closed }
}

extension Session {
  /// Whether the request says what opened the session. What it is asked for may have changed since then by a transfer,
  /// and is not known any more then.
  func wasOpened(by open: borrowing OpenSession) -> Bool {
    opening.channel.hasSameBytes(as: open.channel) && opening.intent.hasSameBytes(as: open.intent)
      && opening.priority == open.priority && opening.attributes == open.attributes
      && (!transfers.isEmpty || wasHandedOn || skill.hasSameBytes(as: open.skill))
  }
}
