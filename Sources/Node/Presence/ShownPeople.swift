import Desk
import Kernel

/// Who is shown as connected to those on this node who follow one session. Somebody who is gone is still shown for a
/// while: after a reconnection, a move to another node, or a new owner who does not know everybody yet, nobody has
/// been told anything.
struct ShownPeople {
  static let grace = Span.seconds(3)

  private var shown: [(person: Person, goneSince: Instant?)] = []

  /// In the order in which they came.
  var people: [Person] { shown.map(\.person) }

  /// - Returns: who is new; and whether somebody is gone now who was not before.
  mutating func replace(by people: [Person], now: Instant) -> (came: [Person], someoneLeft: Bool) {
    var someoneLeft = false
    for place in shown.indices {
      if people.contains(where: { $0.isSame(as: shown[place].person) }) {
        shown[place].goneSince = nil
      } else if shown[place].goneSince == nil {
        shown[place].goneSince = now
        someoneLeft = true
      }
    }
    let came = people.filter { person in !shown.contains { $0.person.isSame(as: person) } }
    for person in came { shown.append((person, nil)) }
    return (came, someoneLeft)
  }

  /// - Returns: who has been gone for long enough, and is not shown from here on.
  mutating func takeGone(_ now: Instant) -> [Person] {
    func isGone(_ since: Instant?) -> Bool { since.map { now - $0 >= Self.grace } ?? false }
    let gone = shown.filter { isGone($0.goneSince) }.map(\.person)
    if !gone.isEmpty { shown.removeAll { isGone($0.goneSince) } }
    return gone
  }
}
