import Desk

/// Requests under way that are to be sent where they belong once more: there is a new leader, an owner has moved, or a
/// link is back. Part by part, for there may be a hundred thousand. What is under way in one session goes together: a part
/// of it could get lost, and what was said later would be kept first.
struct RoutedAgain {
  private var groups: [[UInt64]] = []
  /// So many of these have gone.
  private var done = 0
  private var places: [SessionID: Int] = [:]
  private var waiting: Set<UInt64> = []

  var isEmpty: Bool { waiting.isEmpty }

  func contains(_ number: UInt64) -> Bool { waiting.contains(number) }

  mutating func add(_ number: UInt64, of session: SessionID?) {
    guard waiting.insert(number).inserted else { return }
    guard let session else { return groups.append([number]) }
    if let place = places[session], place >= done {
      let rank = groups[place].lastIndex { $0 < number }.map { $0 + 1 } ?? 0
      return groups[place].insert(number, at: rank)
    }
    places[session] = groups.count
    groups.append([number])
  }

  /// - Returns: those of this turn: about as many as there is room for.
  mutating func take(_ room: Int) -> [UInt64] {
    var numbers: [UInt64] = []
    while done < groups.count, numbers.count < room {
      numbers += groups[done]
      done += 1
    }
    waiting.subtract(numbers)
    if waiting.isEmpty { self = RoutedAgain() }
    return numbers
  }
}

extension Node {
  /// Requests are to be sent where they belong now, with this turn or one of the next.
  mutating func sendAgain(_ numbers: [UInt64]) {
    for number in numbers {
      if let request = pending[number] { routedAgain.add(number, of: request.session) }
    }
  }

  /// - Parameter room: what is left of this turn's.
  mutating func routeAgain(_ room: inout Int) {
    guard room > 0, !catchUp.holdsAll, !routedAgain.isEmpty else { return }
    let numbers = routedAgain.take(room)
    room -= numbers.count
    for number in numbers {
      guard let request = pending[number] else { continue }
      if let session = request.session, pipelines.isWaiting(session, number) { continue }
      route(number)
    }
  }
}
