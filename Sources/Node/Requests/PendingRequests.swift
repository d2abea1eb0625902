import Desk
import Gossip
import Kernel
import Protocol

/// A command that waits to be applied here. The node where a request came in keeps it and repeats it until it
/// has an answer; what it repeats is recognised by the state machine and has no second effect.
struct PendingRequest {
  /// nil: the node's own command (presences that ended), which is repeated for as long as it takes.
  var connection: ConnectionID?
  var tag: UInt32
  var command: Command
  var since: Instant
  var lastAttempt: Instant
  /// Who was asked then; nil: the command belongs to no session.
  var lastOwner: ServerID?
  /// When the present leader and owner were asked for the first time.
  var firstAttempt: Instant?
  /// How often they were asked again for want of an answer.
  var repeats = 0
  /// Who asks: two desks may have persons of the same name.
  struct Client {
    var person: Person
    var desk: DeskNumber
  }

  /// nil: the node itself.
  var client: Client?
  /// Of the command, encoded, at the most.
  var bytes = 0

  /// The session whose order the command belongs to, if any.
  var session: SessionID? { command.session }

  fileprivate mutating func wasAttempted(at time: Instant, owner: ServerID?) {
    if firstAttempt == nil || lastOwner != owner {
      firstAttempt = time
      repeats = 0
    }
    lastAttempt = time
    lastOwner = owner
  }

  struct Opener: Hashable {
    var desk: DeskNumber
    var customer: TextKey
  }

  fileprivate var opener: Opener? {
    if case .open(let open) = command {
      Opener(desk: open.desk, customer: TextKey(open.customer.id))
    } else {
      nil
    }
  }

  fileprivate var chosenOwner: MemberID? {
    if case .open(let open) = command { MemberID(open.owner.rawValue) } else { nil }
  }
}

/// Requests by their number. Numbers rise in the order in which requests came, so sorting by number gives it back.
struct PendingRequests {
  private var requests: [UInt64: PendingRequest] = [:]
  private var last: UInt64
  /// Requests to open a session, by customer.
  private var openers: [PendingRequest.Opener: Int] = [:]
  private var bytes = WaitingBytes()
  /// Sessions that were given to owners here and are not open yet.
  private(set) var openings = PlacementLedger()

  /// - Parameter first: above every number of this node's earlier lives. Entries of those lives are applied again
  ///   after a restart, and their answers must not be taken for answers to new requests.
  init(after first: UInt64) { last = first }

  var count: Int { requests.count }

  /// Sessions that a customer is opening through this node.
  func openings(by customer: String, of desk: DeskNumber) -> Int {
    openers[PendingRequest.Opener(desk: desk, customer: TextKey(customer))] ?? 0
  }

  mutating func add(_ request: PendingRequest) -> UInt64 {
    last += 1
    requests[last] = request
    if let owner = request.chosenOwner { openings.placed(on: owner) }
    if let opener = request.opener { openers[opener, default: 0] += 1 }
    bytes.add(request.bytes, by: request.client)
    return last
  }

  mutating func remove(_ number: UInt64) -> PendingRequest? {
    guard let request = requests.removeValue(forKey: number) else { return nil }
    if let owner = request.chosenOwner { openings.settled(on: owner) }
    bytes.remove(request.bytes, by: request.client)
    if let opener = request.opener, let count = openers[opener] {
      openers[opener] = count > 1 ? count - 1 : nil
    }
    return request
  }

  /// nil: there is room for a request of so many bytes.
  func failure(adding more: Int, by client: PendingRequest.Client?, _ configuration: NodeConfiguration)
    -> Failure?
  {
    guard count < configuration.maxPending else { return .tooManyRequests }
    return bytes.failure(
      adding: more, by: client, most: configuration.maxPendingBytes,
      mostOfOne: configuration.maxPendingBytesOfOne)
  }

  subscript(number: UInt64) -> PendingRequest? {
    requests[number]
  }

  /// Whose it is; nil: the node's own, or there is none. Mutating, so that nothing of the request is copied.
  mutating func connection(of number: UInt64) -> ConnectionID? {
    guard let place = requests.index(forKey: number) else { return nil }
    return requests.values[place].connection
  }

  mutating func wasAttempted(_ number: UInt64, at time: Instant, owner: ServerID?) {
    requests[number]?.wasAttempted(at: time, owner: owner)
  }

  mutating func isRepeated(_ number: UInt64) { requests[number]?.repeats += 1 }

  /// There is a new leader, who may have seen none of them.
  mutating func startAnew() {
    for number in requests.keys {
      requests[number]?.firstAttempt = nil
      requests[number]?.repeats = 0
    }
  }

  /// All numbers from here on are above this one.
  mutating func goOn(after number: UInt64) { last = max(last, number) }

  /// Numbers of the requests for which `condition` holds, in the order in which they came.
  func numbers(where condition: (PendingRequest) -> Bool) -> [UInt64] {
    requests.compactMap { condition($0.value) ? $0.key : nil }.sorted()
  }
}
