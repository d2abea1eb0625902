/// A queue in one array: elements leave at the front in amortized O(1).
struct Fifo<Element: Sendable>: Sendable {
  private var storage: [Element] = []
  private var head = 0

  var isEmpty: Bool { head == storage.count }
  var count: Int { storage.count - head }
  var first: Element? { isEmpty ? nil : storage[head] }

  mutating func append(_ element: Element) { storage.append(element) }

  mutating func removeFirst() -> Element? {
    guard head < storage.count else { return nil }
    let element = storage[head]
    head += 1
    if head == storage.count {
      storage.removeAll(keepingCapacity: storage.capacity <= 1024)
      head = 0
    } else if head >= 32, head * 2 >= storage.count {
      storage.removeFirst(head)
      head = 0
    }
    return element
  }

  mutating func removeAll() {
    storage.removeAll()
    head = 0
  }

  /// Calls `body` with each element in order, oldest first.
  mutating func updateEach(_ body: (inout Element) -> Void) {
    for position in head..<storage.count { body(&storage[position]) }
  }

  /// Calls `body` with the newest element; does nothing when there is none.
  mutating func updateLast(_ body: (inout Element) -> Void) {
    guard head < storage.count else { return }
    body(&storage[storage.count - 1])
  }
}
