import Desk

/// One client: it has one operation at a time, and repeats it at other nodes until it has an answer or gives up.
struct SimulatedClient {
  enum Kind {
    /// A device of a conversation's customer.
    case customer(conversation: Int)
    case agent(Int)
    /// Opens sessions, waits, and closes some of them.
    case visitor(Int)
  }

  /// A connection to a node.
  struct Link {
    var place: Int
    /// Of its node.
    var life: Int
    var number: UInt64
  }

  let kind: Kind
  let person: Person
  /// The node that it talks to.
  var node: Int
  /// Counts its operations; answers to earlier ones are too late.
  var operation = 0
  var current: Current?
  var messages = 0
  /// nil: it is nowhere connected.
  var link: Link?
  /// The last message of each session that it was told in order.
  var heard: [SessionID: Sequence] = [:]
  /// A visitor's session.
  var visit: SessionID?
  /// What is left to do before the end: 2: say something, 1: read, 0: nothing.
  var lastWords = 2

  struct Current {
    var wish: ClientWish
    var called: Int
    var attempts: Int
    /// Where it is kept in the history of its session.
    var record: Int?
  }
}

/// What a customer and its devices talk about; one session after the other.
struct Conversation {
  let customer: Person
  let skill: String
  var session: SessionID?
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
    /// Refused for good: it never takes effect.
    var isRefused = false
  }

  let session: SessionID
  var records: [Record] = []
}
