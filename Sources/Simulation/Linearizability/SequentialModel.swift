/// What an object would do if operations came one after the other: the specification that a concurrent history is
/// compared with.
package protocol SequentialModel: Sendable {
  associatedtype State: Hashable & Sendable
  /// An operation together with the result that was seen; a result that never came is part of it too.
  associatedtype Action: Sendable

  var initialState: State { get }

  /// The state after the action; nil when the object in this state could not have given the result that was seen.
  /// An action whose result is not known can give any.
  func step(_ state: State, _ action: Action) -> State?
}

/// One operation of a history: when it was called, when it returned, and what was seen.
package struct Operation<Action: Sendable>: Sendable {
  /// Who called it; for the reader of a report. One client has one operation at a time.
  package var client: Int
  package var action: Action
  /// Times of any unit on one clock.
  package var called: Int
  /// nil: no answer came. It may have taken effect at any time after the call, or never.
  package var returned: Int?

  package init(client: Int, action: Action, called: Int, returned: Int?) {
    self.client = client
    self.action = action
    self.called = called
    self.returned = returned
  }
}
