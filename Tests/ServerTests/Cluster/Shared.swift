import Synchronization

/// A value that the tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
  private let box: Mutex<Value>

  init(_ value: Value) { box = Mutex(value) }

  var value: Value { box.withLock { $0 } }

  func set(_ value: Value) { box.withLock { $0 = value } }

  func change(_ body: (inout Value) -> Void) {
    box.withLock { value in body(&value) }
  }
}
