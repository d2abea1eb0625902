/// What is going to happen, soonest first; of two things at the same time, the one that was entered first.
///
/// A binary heap of small keys; what happens stays where it is while they move.
struct Agenda<Event> {
  private struct Key {
    var time: Int
    var order: Int
    var slot: Int

    static func < (left: Key, right: Key) -> Bool {
      left.time < right.time || (left.time == right.time && left.order < right.order)
    }
  }

  private var heap: [Key] = []
  private var events: [Event?] = []
  private var free: [Int] = []
  private var entered = 0

  var count: Int { heap.count }

  /// - Parameter time: microseconds since the beginning.
  mutating func enter(_ event: Event, at time: Int) {
    let slot: Int
    if let last = free.popLast() {
      slot = last
      events[slot] = event
    } else {
      slot = events.count
      events.append(event)
    }
    entered += 1
    heap.append(Key(time: time, order: entered, slot: slot))
    rise(heap.count - 1)
  }

  mutating func next() -> (time: Int, event: Event)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink(0)
    }
    free.append(first.slot)
    guard let event = events[first.slot].take() else { return nil }
    return (first.time, event)
  }

  private mutating func rise(_ start: Int) {
    heap.withUnsafeMutableBufferPointer { heap in
      let key = heap[start]
      var place = start
      while place > 0 {
        let parent = (place - 1) / 2
        guard key < heap[parent] else { break }
        heap[place] = heap[parent]
        place = parent
      }
      heap[place] = key
    }
  }

  private mutating func sink(_ start: Int) {
    heap.withUnsafeMutableBufferPointer { heap in
      let key = heap[start]
      var place = start
      while true {
        var child = place * 2 + 1
        guard child < heap.count else { break }
        if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
        guard heap[child] < key else { break }
        heap[place] = heap[child]
        place = child
      }
      heap[place] = key
    }
  }
}
