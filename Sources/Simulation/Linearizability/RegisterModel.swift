/// One value that is written, read, and compared and set.
package struct RegisterModel: SequentialModel {
  package enum Action: Hashable, Sendable {
    case write(Int)
    /// The value that was read; nil for a register that has none yet.
    case read(Int?)
    case compareAndSet(expected: Int?, new: Int, succeeded: Bool)
    /// A write whose result is not known is a write; a `compareAndSet` of that kind may have done nothing.
    case compareAndSetUnknown(expected: Int?, new: Int)
  }

  package init() {}

  package var initialState: Int? { nil }

  package func step(_ state: Int?, _ action: Action) -> Int?? {
    switch action {
    case .write(let value): .some(value)
    case .read(let value): state == value ? .some(state) : nil
    case .compareAndSet(let expected, let new, let succeeded):
      (state == expected) == succeeded ? .some(succeeded ? new : state) : nil
    case .compareAndSetUnknown(let expected, let new): .some(state == expected ? new : state)
    }
  }
}
