import Simulation
import Testing

private typealias Action = RegisterModel.Action

private func operation(_ action: Action, _ called: Int, _ returned: Int?, client: Int = 0) -> Operation<Action>
{
  Operation(client: client, action: action, called: called, returned: returned)
}

private func isLinearizable(_ history: [Operation<Action>]) -> Bool {
  LinearizabilityChecker(RegisterModel()).check(history) == .linearizable
}

@Suite struct RegisterTests {
  @Test("operations that overlap may take effect in either order")
  func overlap() {
    let write = operation(.write(1), 0, 10)
    #expect(isLinearizable([write, operation(.read(nil), 5, 6, client: 1)]))
    #expect(isLinearizable([write, operation(.read(1), 5, 6, client: 1)]))
  }

  @Test("a read that began after a write had returned sees it")
  func staleRead() {
    let history = [operation(.write(1), 0, 10), operation(.read(nil), 11, 12, client: 1)]
    guard case .violated(_, let stuckAt) = LinearizabilityChecker(RegisterModel()).check(history) else {
      Issue.record("a stale read passes")
      return
    }
    #expect(stuckAt == 1)
  }

  @Test("what one reader has seen, a later reader does not unsee")
  func readsGoForward() {
    let write = operation(.write(1), 0, 100)
    let seen = operation(.read(1), 10, 20, client: 1)
    #expect(!isLinearizable([write, seen, operation(.read(nil), 30, 40, client: 2)]))
    #expect(isLinearizable([write, seen, operation(.read(1), 30, 40, client: 2)]))
  }

  @Test("a write without an answer may have taken effect late, or never")
  func unanswered() {
    let lost = operation(.write(2), 0, nil)
    #expect(isLinearizable([lost, operation(.read(nil), 10, 20, client: 1)]))
    #expect(
      isLinearizable([lost, operation(.read(nil), 10, 20, client: 1), operation(.read(2), 30, 40, client: 1)]))
    #expect(
      !isLinearizable([
        lost, operation(.read(2), 10, 20, client: 1), operation(.read(nil), 30, 40, client: 1),
      ]))
  }

  @Test("only one of two that compare and set the same value succeeds")
  func compareAndSet() {
    let first = operation(.compareAndSet(expected: nil, new: 1, succeeded: true), 0, 10)
    #expect(
      isLinearizable([
        first, operation(.compareAndSet(expected: nil, new: 2, succeeded: false), 0, 10, client: 1),
      ]))
    #expect(
      !isLinearizable([
        first, operation(.compareAndSet(expected: nil, new: 2, succeeded: true), 0, 10, client: 1),
      ]))
  }

  @Test("many writes at once are searched with a memory, not one order after the other")
  func many() {
    var history = (0..<12).map { operation(.write($0), 0, 1_000, client: $0) }
    history.append(operation(.read(11), 1_001, 1_002))
    history.append(operation(.read(3), 1_003, 1_004))
    // No order explains both reads. Trying 12! orders would not end.
    let verdict = LinearizabilityChecker(RegisterModel()).check(history)
    guard case .violated = verdict else {
      Issue.record("expected a violation, got \(verdict)")
      return
    }
  }

  @Test("a search that would take too long says so")
  func undecided() {
    let history =
      (0..<30).map { operation(.write($0), 0, 1_000, client: $0) } + [operation(.read(nil), 2_000, 2_001)]
    guard case .undecided = LinearizabilityChecker(RegisterModel(), maxSteps: 1_000).check(history) else {
      Issue.record("expected no verdict")
      return
    }
  }
}
