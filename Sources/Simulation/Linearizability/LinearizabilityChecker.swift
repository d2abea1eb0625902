/// Whether a history of concurrent operations can be put into one order that respects both real time (what returned
/// before another was called comes first) and the model.
///
/// Wing and Gong, "Testing and verifying concurrent objects" (1993), with the memory of Lowe, "Testing for
/// linearizability" (2017): a pair of linearized operations and state that was reached before is not tried again.
/// Operations are kept as a doubly linked list of calls and returns; linearizing one lifts its two ends out, going
/// back puts them in again.
package struct LinearizabilityChecker<Model: SequentialModel>: Sendable {
  package enum Verdict: Hashable, Sendable {
    case linearizable
    /// No order exists. The operations (positions in the history) of the longest order that was found, and the one
    /// whose return could then not be explained.
    case violated(longest: [Int], stuckAt: Int)
    /// Given up after that many steps: nothing is known.
    case undecided(steps: Int)
  }

  private let model: Model
  private let maxSteps: Int

  /// - Parameter maxSteps: the search is exponential in the worst case; it is given up after so many steps.
  package init(_ model: Model, maxSteps: Int = 2_000_000) {
    self.model = model
    self.maxSteps = maxSteps
  }

  package func check(_ history: [Operation<Model.Action>]) -> Verdict {
    var search = Search(model: model, history: history, maxSteps: maxSteps)
    return search.run()
  }
}

extension LinearizabilityChecker {
  /// A position in the list of events. Event `2 i` is the call of operation `i`, `2 i + 1` its return.
  private struct Search {
    private struct Reached: Hashable {
      let done: OperationSet
      let state: Model.State
    }

    private let model: Model
    private let history: [Operation<Model.Action>]
    private let maxSteps: Int
    private var next: [Int]
    private var previous: [Int]
    /// Stands before the first event and after the last.
    private let sentinel: Int
    /// Operations that have returned and are not linearized yet: when none is left, an order is found.
    private var open: Int

    init(model: Model, history: [Operation<Model.Action>], maxSteps: Int) {
      self.model = model
      self.history = history
      self.maxSteps = maxSteps
      sentinel = history.count * 2
      var events: [(time: Int, isReturn: Bool, event: Int)] = []
      for (position, operation) in history.enumerated() {
        events.append((operation.called, false, position * 2))
        // One that never returned may be put anywhere after its call.
        events.append((operation.returned ?? .max, true, position * 2 + 1))
      }
      // At the same instant calls come first: such operations overlap.
      events.sort { left, right in
        if left.time != right.time { return left.time < right.time }
        if left.isReturn != right.isReturn { return !left.isReturn }
        return left.event < right.event
      }
      next = Array(repeating: sentinel, count: sentinel + 1)
      previous = Array(repeating: sentinel, count: sentinel + 1)
      var last = sentinel
      for event in events {
        next[last] = event.event
        previous[event.event] = last
        last = event.event
      }
      next[last] = sentinel
      previous[sentinel] = last
      open = history.count(where: { $0.returned != nil })
    }

    mutating func run() -> Verdict {
      var state = model.initialState
      var done = OperationSet(count: history.count)
      var order: [(operation: Int, before: Model.State)] = []
      var reached: Set<Reached> = []
      var longest: [Int] = []
      var stuckAt = 0
      var steps = 0
      var event = next[sentinel]
      while open > 0 {
        steps += 1
        if steps > maxSteps { return .undecided(steps: steps) }
        let operation = event / 2
        let isCall = event != sentinel && event % 2 == 0
        if isCall {
          if let after = model.step(state, history[operation].action) {
            var nextDone = done
            nextDone.insert(operation)
            if reached.insert(Reached(done: nextDone, state: after)).inserted {
              order.append((operation, state))
              state = after
              done = nextDone
              lift(operation)
              event = next[sentinel]
              continue
            }
          }
          event = next[event]
          continue
        }
        // A return that nothing before it explains: go back.
        if order.count >= longest.count {
          longest = order.map(\.operation)
          stuckAt = event == sentinel ? 0 : operation
        }
        guard let last = order.popLast() else { return .violated(longest: longest, stuckAt: stuckAt) }
        state = last.before
        done.remove(last.operation)
        putBack(last.operation)
        event = next[last.operation * 2]
      }
      return .linearizable
    }

    private mutating func lift(_ operation: Int) {
      unlink(operation * 2)
      unlink(operation * 2 + 1)
      if history[operation].returned != nil { open -= 1 }
    }

    private mutating func putBack(_ operation: Int) {
      relink(operation * 2 + 1)
      relink(operation * 2)
      if history[operation].returned != nil { open += 1 }
    }

    private mutating func unlink(_ event: Int) {
      next[previous[event]] = next[event]
      previous[next[event]] = previous[event]
    }

    private mutating func relink(_ event: Int) {
      next[previous[event]] = event
      previous[next[event]] = event
    }
  }
}
