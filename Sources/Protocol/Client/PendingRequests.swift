import Kernel

/// A request that has no answer yet. It keeps its id through every reconnection, which is what makes sending it
/// again safe.
struct PendingRequest: Sendable {
  var frame: SentFrame
  /// When to give it up; nil: never.
  var deadline: Instant?
  /// When it was last handed to a connection; nil while it waits for one.
  var sentAt: Instant?
  /// Not before this time, because the server asked to wait.
  var retryAt: Instant?
  /// How often the server put it off, for the wait when it names none.
  var refusals = 0
  /// How many connections in a row ended while it was under way, in a way that it may have caused.
  var cuts = 0
  /// Its place among all requests, so that they are sent again in the order of the caller.
  var order: UInt64 = 0

  var id: String { frame.id ?? "" }
}

/// The requests under way, by id, with a bound.
struct PendingRequests: Sendable {
  let maximum: Int
  private var byID: [String: PendingRequest] = [:]
  private var nextOrder: UInt64 = 0

  init(maximum: Int) { self.maximum = maximum }

  var count: Int { byID.count }

  /// All of them, in the order in which they were asked.
  var inOrder: [PendingRequest] { byID.values.sorted { $0.order < $1.order } }

  subscript(id: String) -> PendingRequest? { byID[id] }

  /// - Throws: `ClientError.refused` when too many wait already, or one of this id does.
  mutating func add(_ request: PendingRequest) throws(ClientError) {
    guard byID[request.id] == nil else {
      throw ClientError.refused(code: "bad_frame", message: "a request with id \(request.id) is under way")
    }
    guard byID.count < maximum else {
      throw ClientError.refused(
        code: "busy", message: "\(maximum) requests wait for an answer already; wait for some of them")
    }
    var request = request
    request.order = nextOrder
    nextOrder += 1
    byID[request.id] = request
  }

  @discardableResult
  mutating func remove(_ id: String) -> PendingRequest? { byID.removeValue(forKey: id) }

  mutating func update(_ id: String, _ change: (inout PendingRequest) -> Void) {
    guard var request = byID[id] else { return }
    change(&request)
    byID[id] = request
  }

  /// The connection is gone: all of them wait for the next one.
  mutating func returnAll() {
    for id in byID.keys {
      byID[id]?.sentAt = nil
      byID[id]?.retryAt = nil
    }
  }

  /// A connection that has proved itself clears those that are under way on it.
  mutating func clearCuts() {
    for id in byID.keys { byID[id]?.cuts = 0 }
  }

  /// When the first of them is to be given up.
  var nextDeadline: Instant { byID.values.lazy.compactMap(\.deadline).min() ?? .distantFuture }

  /// When the first of those that were put off is to be sent again.
  var nextRetry: Instant { byID.values.lazy.compactMap(\.retryAt).min() ?? .distantFuture }

  /// When the request that has waited longest for its answer was sent.
  var oldestSent: Instant? { byID.values.compactMap { $0.retryAt == nil ? $0.sentAt : nil }.min() }
}
