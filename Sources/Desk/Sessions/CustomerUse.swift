internal import Kernel

/// What one customer takes of the cluster's memory: sessions that are open, and what is new in this hour.
package struct CustomerUse: Hashable, Sendable {
  package static let hourMilliseconds: UInt64 = 3_600_000

  package internal(set) var openSessions = 0
  /// Sessions that were opened in this hour, open or closed.
  package internal(set) var opened = 0
  /// Of attributes, and of what the customer has said, in this hour.
  package internal(set) var bytes = 0
  /// Hours since 1970: what the two above are for.
  private(set) var hour: UInt64 = 0

  package init() {}

  static func hour(of time: UInt64) -> UInt64 { time / hourMilliseconds }

  /// As it is at that time: what belongs to an earlier hour is forgotten.
  func at(_ time: UInt64) -> CustomerUse {
    let hour = Self.hour(of: time)
    guard self.hour != hour else { return self }
    var use = CustomerUse()
    use.hour = hour
    use.openSessions = openSessions
    return use
  }

  /// Nothing would be lost with it.
  func isIdle(_ hour: UInt64) -> Bool { openSessions == 0 && self.hour != hour }
}

/// How large a session is.
package struct SessionSize: Hashable, Sendable {
  package var messages: Int
  /// Of the messages, with their ids.
  package var bytes: Int
  /// What its customer has said in this hour that `DeskState.use(ofCustomer:at:)` does not know yet.
  package var uncounted: Int

  package init(messages: Int, bytes: Int, uncounted: Int) {
    self.messages = messages
    self.bytes = bytes
    self.uncounted = uncounted
  }

  /// Whether the customer's table will know no more once that has been said: it was looked at in this hour for what
  /// the session had said before, and is not changed by this.
  package func staysUncounted(adding more: Int) -> Bool {
    uncounted > 0 && uncounted + more < UncountedBytes.most
  }
}

/// What the customer of a session has said in it and is not in the `CustomerTable` yet: the table is looked at for each
/// KiB and not for each message, since each look at it waits for memory.
struct UncountedBytes: Sendable {
  static let most = 1 << 10

  private var bytes: UInt32 = 0
  private var hour: UInt32 = 0

  /// - Returns: what is to be counted now; 0: nothing.
  mutating func add(_ more: Int, at time: UInt64) -> Int {
    let sum = take(at: time) + more
    guard sum < Self.most else { return sum }
    bytes = UInt32(sum)
    hour = UInt32(truncatingIfNeeded: CustomerUse.hour(of: time))
    return 0
  }

  /// What was said in an earlier hour counts no more.
  mutating func take(at time: UInt64) -> Int {
    let sum = value(at: time)
    bytes = 0
    return sum
  }

  func value(at time: UInt64) -> Int {
    hour == UInt32(truncatingIfNeeded: CustomerUse.hour(of: time)) ? Int(bytes) : 0
  }
}

/// The use of each customer, less `UncountedBytes.most` for each open session. It decides nothing in the state machine, follows from the sessions, and is in no snapshot:
/// nodes look at it before they let a command into the log (see docs/decisions/0011).
struct CustomerTable: Sendable {
  private var uses: ShardedMap<TextKey, CustomerUse>
  /// The hour in which each shard was last looked through for those who are idle.
  private var sweptIn: [UInt64]
  private var cursor = 0

  /// - Parameter exponent: it lies in 2^exponent parts.
  init(exponent: Int) {
    uses = ShardedMap(exponent: exponent)
    sweptIn = Array(repeating: 0, count: 1 << exponent)
  }

  var count: Int { uses.count }

  mutating func drop(_ shard: Int) { uses.drop(shard) }

  func use(of customer: String, at time: UInt64) -> CustomerUse {
    (uses[TextKey(customer)] ?? CustomerUse()).at(time)
  }

  mutating func change(_ customer: String, at time: UInt64, _ change: (inout CustomerUse) -> Void) {
    let customer = TextKey(customer)
    let isKnown: Void? = uses.update(customer) { use in
      use = use.at(time)
      change(&use)
    }
    guard isKnown == nil else { return }
    var use = CustomerUse().at(time)
    change(&use)
    uses.set(customer, to: use)
    sweep(at: time)
  }

  /// Who is new makes room: one part of the table is looked through, each once in an hour. So at most a thousand who are
  /// idle are kept beside those who have a session open or had one in the last two hours.
  private mutating func sweep(at time: UInt64) {
    let hour = CustomerUse.hour(of: time)
    cursor = (cursor + 1) & (sweptIn.count - 1)
    guard sweptIn[cursor] != hour else { return }
    sweptIn[cursor] = hour
    uses.prune(cursor) { $0.isIdle(hour) }
  }
}

extension DeskState {
  /// - Parameter time: of now in ms since 1970; the state's own is that of its latest entry.
  package func use(ofCustomer customer: String, at time: UInt64) -> CustomerUse {
    customers.use(of: customer, at: max(time, now))
  }

  /// The session that this customer has opened with this request: a retry is not a new one.
  package func isOpened(by customer: String, requestID: String) -> Bool {
    requestTable.contains(RequestKey(customer: customer, request: requestID))
  }

  /// How large a session is; nil: there is none.
  package func size(of session: SessionID, at time: UInt64) -> SessionSize? {
    sessionTable.read(session) {
      SessionSize(
        messages: $0.transcript.count, bytes: $0.transcript.bytes,
        uncounted: $0.uncounted.value(at: max(time, now)))
    }
  }

  mutating func count(opened session: borrowing Session) {
    let bytes = session.attributes.reduce(0) { $0 + $1.name.utf8.count + $1.json.utf8.count }
    customers.change(session.customer.id, at: now) { use in
      use.openSessions += 1
      use.opened += 1
      use.bytes += bytes
    }
  }

  mutating func count(closed customer: String) {
    customers.change(customer, at: now) { $0.openSessions -= 1 }
  }

  /// - Parameter customer: of the session in which it was said.
  mutating func count(said bytes: Int, by customer: String) {
    customers.change(customer, at: now) { $0.bytes += bytes }
  }

  /// A session of a snapshot, as if all that was told of it above.
  mutating func count(restored session: Session) {
    let begin = now - now % CustomerUse.hourMilliseconds
    guard !session.isClosed || session.updatedAt >= begin else { return }
    let isNew = session.openedAt >= begin
    var bytes = 0
    if isNew { bytes += session.attributes.reduce(0) { $0 + $1.name.utf8.count + $1.json.utf8.count } }
    if session.updatedAt >= begin {
      bytes += session.transcript.bytes(notBefore: begin - min(begin, session.openedAt)) {
        session.isCustomer($0)
      }
    }
    customers.change(session.customer.id, at: now) { use in
      if !session.isClosed { use.openSessions += 1 }
      if isNew { use.opened += 1 }
      use.bytes += bytes
    }
  }
}
