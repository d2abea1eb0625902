/// What this node still has to pass on. It keeps only what the rumours are about: what they say is read when they
/// are sent, so the newest is what travels.
struct RumourQueue: Sendable {
  enum Subject: Hashable, Sendable {
    /// What a member is, unless it is suspected.
    case health(MemberID)
    /// One accuser's word: each counts by itself.
    case suspicion(MemberID, by: MemberID)
    case load(MemberID)

    var isHealth: Bool { if case .load = self { false } else { true } }
    var member: MemberID {
      switch self {
      case .health(let member), .load(let member): member
      case .suspicion(let member, _): member
      }
    }
  }

  private struct Item: Sendable {
    var subject: Subject
    var sent = 0
    /// Rises with each addition.
    var number: UInt64
  }

  private var items: [Item] = []
  private var lastNumber: UInt64 = 0

  var isEmpty: Bool { items.isEmpty }
  var count: Int { items.count }
  func contains(_ subject: Subject) -> Bool { items.contains { $0.subject == subject } }

  /// To be sent from now on as often as a new one, whatever of it was sent before.
  mutating func spread(_ subject: Subject) {
    items.removeAll { $0.subject == subject }
    lastNumber += 1
    items.append(Item(subject: subject, number: lastNumber))
  }

  mutating func forgetHealth(of member: MemberID) {
    items.removeAll { $0.subject.isHealth && $0.subject.member == member }
  }

  /// Health before load; then what was sent least often; then the newest.
  ///
  /// - Parameters:
  ///   - limit: how often a rumour is sent before it is dropped.
  ///   - offer: sends one if it can; nil: there is no longer anything to say on this subject.
  mutating func offer(limit: Int, _ offer: (Subject) -> Bool?) {
    items.sort { left, right in
      if left.subject.isHealth != right.subject.isHealth { return left.subject.isHealth }
      return (left.sent, right.number) < (right.sent, left.number)
    }
    for place in items.indices {
      switch offer(items[place].subject) {
      case true: items[place].sent += 1
      case false: break
      case nil: items[place].sent = limit
      }
    }
    items.removeAll { $0.sent >= limit }
  }
}
