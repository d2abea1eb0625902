import Desk
import Protocol
import Raft

/// One client: it has one operation at a time, which its state repeats at other nodes until there is an answer or it is given
/// up.
struct SimulatedClient {
  enum Kind {
    /// A device of a conversation's customer.
    case customer(conversation: Int)
    case agent(Int)
    /// Opens sessions, waits, and closes some of them.
    case visitor(Int)
    /// An admin, who erases customers.
    case keeper
    /// An admin, who sets and deletes policies.
    case planner
    /// An admin, who sets timers.
    case timekeeper
    /// A supervisor, who looks at what others say.
    case watcher
    /// A supervisor who is agent 1 as well, and takes over.
    case lead
    /// A supervisor, who looks on unseen.
    case monitor
    /// An admin of the cluster, who creates a desk.
    case founder
  }

  /// A connection to a node.
  struct Link {
    var place: Int
    var number: UInt64
    /// When the last piece reaches the node, and how much later than others the pieces do.
    var lastPiece = 0
    var lag = 0
  }

  let kind: Kind
  let person: Person
  /// nil: the token names none.
  let desk: DeskName?
  var endpoint: ClientEndpoint
  /// When its end of the connection is looked at next.
  var wakesAt = Int.max
  /// What it has last asked for by its declaration, and how many it has.
  var lastErased: (customer: String, id: String)?
  var lastArranged: (operation: any DeskOperation, id: String)?
  var lastPerformed: (operation: any SessionOperation, id: String)?
  var performed = 0
  /// What it has last said something to, maybe long ago.
  var lastOffer: KnownOffer?
  /// Counts its operations.
  var operation = 0
  var current: Current?
  var messages = 0
  /// nil: it is nowhere connected.
  var link: Link?
  /// What was told on its connection.
  var hearing = ConnectionHearing()
  /// Sessions that it has opened or joined: its state resumes them.
  var follows: Set<SessionID> = []
  /// The messages of each session that its user was shown.
  var shown: [String: Shown] = [:]
  /// A visitor's session.
  var visit: SessionID?
  /// What is left to do before the end: 2: say something, 1: read, 0: nothing.
  var lastWords = 2

  struct KnownOffer {
    var session: SessionID
    var number: UInt32
  }

  struct Current {
    var wish: ClientWish
    var id: String
    var called: Int
    /// The newest entry that any node had applied then.
    var since: LogIndex
    /// Where it is kept in the history of its session.
    var record: Int?
  }
}

/// What the user of a client was shown of a session.
struct Shown {
  private var last: UInt64 = 0
  private var all: Set<UInt64> = []

  /// It is asked to tell all from the beginning: what was shown before may stand behind what comes now.
  mutating func beginsAnew() { last = 0 }

  /// - Returns: what is wrong; nil: nothing.
  mutating func add(_ sequence: UInt64) -> String? {
    guard all.insert(sequence).inserted else { return "twice" }
    defer { last = sequence }
    return sequence > last ? nil : "after \(last)"
  }
}

/// What a customer and its devices talk about; one session after the other.
struct Conversation {
  let customer: Person
  let desk: DeskName?
  let skill: String
  var session: SessionID?
  /// The one before it, which is closed.
  var past: SessionID?
  var opened = 0
  var isClosing = false
}

/// All that clients did to one session, and what they were told.
struct SessionHistory {
  enum Action {
    case append(Int)
    case read
  }

  struct Record {
    let client: Int
    let action: Action
    let called: Int
    var returned: Int?
    /// The answered place of an append.
    var position: Int?
    /// What was read.
    var elements: [Int] = []
    /// It begins with messages that are kept no more.
    var isCut = false
    /// Refused for good: it never takes effect.
    var isRefused = false
  }

  let session: SessionID
  var records: [Record] = []
}
