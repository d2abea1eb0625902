/// A list to which elements are appended, each once however often it is asked for, and which is read as a whole: a
/// conversation.
package struct AppendListModel: SequentialModel {
  package struct State: Hashable, Sendable {
    package var elements: [Int]
  }

  package enum Action: Hashable, Sendable {
    /// - `position`: the place that was answered, from 1; nil when no answer came.
    case append(Int, position: Int?)
    /// The list as it was read.
    case read([Int])
  }

  package init() {}

  package var initialState: State { State(elements: []) }

  package func step(_ state: State, _ action: Action) -> State? {
    switch action {
    case .append(let element, let position):
      if let known = state.elements.firstIndex(of: element) {
        return position == nil || position == known + 1 ? state : nil
      }
      guard position == nil || position == state.elements.count + 1 else { return nil }
      return State(elements: state.elements + [element])
    case .read(let elements):
      return state.elements == elements ? state : nil
    }
  }
}
