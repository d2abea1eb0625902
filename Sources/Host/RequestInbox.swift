internal import Desk
import Node
import Protocol
import Synchronization

/// Where gateway loops leave their requests for the replica's thread. The lock is held for an append or a swap;
/// whoever puts the first batch into an empty inbox wakes the replica, so a busy one is never woken per message.
///
/// It is bounded, for the replica's thread may stand still: at the bound a request is answered with `busy` at once, by the
/// loop that has brought it. That a connection is gone is always taken: no connection says it twice.
final class RequestInbox: Sendable {
  /// Requests that wait at the most, and their bytes. (Of one connection, the gateway lets so many be open.)
  static let mostRequests = 100_000
  static let mostBytes = 64 << 20
  /// Requests that one turn takes, but for the rest of a batch.
  static let mostOfTurn = 4_096

  fileprivate struct State {
    var batches: [[ClientRequest]] = []
    /// So many of these were taken.
    var taken = 0
    var requests = 0
    var bytes = 0
    var sinks: [UInt16: any DeliverySink] = [:]
    var isEmpty: Bool { taken == batches.count }
  }

  private let state = Mutex(State())

  func attach(_ sink: any DeliverySink, as number: UInt16) {
    state.withLock { $0.sinks[number] = sink }
  }

  /// - Returns: true when the inbox was empty: the caller wakes the replica.
  func push(_ batch: [ClientRequest]) -> Bool {
    let bytes = batch.reduce(0) { $0 + $1.heldBytes }
    let (wakes, refused) = state.withLock { state -> (Bool, [(any DeliverySink, Delivery)]) in
      let wasEmpty = state.isEmpty
      if state.requests + batch.count <= Self.mostRequests, state.bytes + bytes <= Self.mostBytes {
        state.add(batch, bytes: bytes)
        return (wasEmpty && !batch.isEmpty, [])
      }
      let goodbyes = batch.filter { if case .disconnected = $0.body { true } else { false } }
      if !goodbyes.isEmpty { state.add(goodbyes, bytes: goodbyes.reduce(0) { $0 + $1.heldBytes }) }
      let refused = batch.compactMap { request -> (any DeliverySink, Delivery)? in
        guard let sink = state.sinks[request.connection.sink], let reply = request.replyWhenFull else {
          return nil
        }
        return (sink, .reply(request.connection, tag: request.tag, reply))
      }
      return (wasEmpty && !goodbyes.isEmpty, refused)
    }
    for (sink, delivery) in refused { sink.deliver([delivery]) }
    return wakes
  }

  /// - Returns: what one turn takes, in order; and whether something is left.
  func drain() -> (batches: [[ClientRequest]], hasMore: Bool) {
    state.withLock { state in
      if state.requests <= Self.mostOfTurn {
        let all = Array(state.batches[state.taken...])
        state.empty()
        return (all, false)
      }
      var batches: [[ClientRequest]] = []
      var room = Self.mostOfTurn
      while room > 0, !state.isEmpty {
        let batch = state.batches[state.taken]
        state.batches[state.taken] = []
        state.taken += 1
        state.requests -= batch.count
        state.bytes -= batch.reduce(0) { $0 + $1.heldBytes }
        room -= batch.count
        batches.append(batch)
      }
      if state.isEmpty { state.empty() } else { state.forgetTaken() }
      return (batches, !state.isEmpty)
    }
  }
}

extension RequestInbox.State {
  fileprivate mutating func add(_ batch: [ClientRequest], bytes more: Int) {
    batches.append(batch)
    requests += batch.count
    bytes += more
  }

  /// One that never runs empty does not grow by the places of what was taken.
  fileprivate mutating func forgetTaken() {
    guard taken > 64, taken * 2 > batches.count else { return }
    batches.removeFirst(taken)
    taken = 0
  }

  fileprivate mutating func empty() {
    batches = []
    (taken, requests, bytes) = (0, 0, 0)
  }
}
