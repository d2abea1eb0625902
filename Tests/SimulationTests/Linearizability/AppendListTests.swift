import Simulation
import Testing

private typealias Action = AppendListModel.Action

private func operation(_ action: Action, _ called: Int, _ returned: Int?, client: Int = 0) -> Operation<Action>
{
  Operation(client: client, action: action, called: called, returned: returned)
}

private func isLinearizable(_ history: [Operation<Action>]) -> Bool {
  LinearizabilityChecker(AppendListModel()).check(history) == .linearizable
}

@Suite struct AppendListTests {
  @Test("the places that were answered are the order")
  func places() {
    let first = operation(.append(7, position: 1), 0, 10)
    #expect(isLinearizable([first, operation(.append(8, position: 2), 0, 10, client: 1)]))
    #expect(!isLinearizable([first, operation(.append(8, position: 1), 0, 10, client: 1)]))
    #expect(!isLinearizable([first, operation(.append(8, position: 3), 0, 10, client: 1)]))
  }

  @Test("a place that contradicts real time is found")
  func realTime() {
    #expect(
      !isLinearizable([
        operation(.append(7, position: 2), 0, 10), operation(.append(8, position: 1), 20, 30, client: 1),
      ]))
  }

  @Test("an element that was acknowledged is in every later list")
  func lost() {
    let told = operation(.append(7, position: 1), 0, 10)
    #expect(isLinearizable([told, operation(.read([7]), 20, 30)]))
    #expect(!isLinearizable([told, operation(.read([]), 20, 30)]))
  }

  @Test("an element is in the list once")
  func twice() {
    #expect(!isLinearizable([operation(.append(7, position: nil), 0, nil), operation(.read([7, 7]), 20, 30)]))
  }

  @Test("a repeated append is answered with its first place")
  func repeated() {
    let first = operation(.append(7, position: 1), 0, 10)
    #expect(isLinearizable([first, operation(.append(7, position: 1), 20, 30)]))
    #expect(!isLinearizable([first, operation(.append(7, position: 2), 20, 30)]))
  }

  @Test("an append without an answer shows late, but never goes again")
  func unanswered() {
    let lost = operation(.append(7, position: nil), 0, nil)
    #expect(isLinearizable([lost, operation(.read([]), 10, 20), operation(.read([7]), 30, 40)]))
    #expect(!isLinearizable([lost, operation(.read([7]), 10, 20), operation(.read([]), 30, 40)]))
  }
}
