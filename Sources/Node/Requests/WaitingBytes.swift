import Desk
import Kernel
import Protocol

/// Bytes of requests that wait, in all and by person, so that neither many nor one can fill the memory of a node while it
/// waits for others.
struct WaitingBytes {
  private struct Key: Hashable {
    let desk: DeskNumber
    let id: TextKey
    let role: UserRole
    init(_ client: PendingRequest.Client) {
      let person = client.person
      desk = client.desk
      id = TextKey(person.id)
      role = person.role
    }
  }

  private(set) var total = 0
  private var byPerson: [Key: Int] = [:]

  mutating func add(_ bytes: Int, by person: PendingRequest.Client?) {
    total += bytes
    if let person { byPerson[Key(person), default: 0] += bytes }
  }

  mutating func remove(_ bytes: Int, by person: PendingRequest.Client?) {
    total -= bytes
    guard let person, let place = byPerson.index(forKey: Key(person)) else { return }
    if byPerson.values[place] > bytes {
      byPerson.values[place] -= bytes
    } else {
      byPerson.remove(at: place)
    }
  }

  /// nil: there is room. Whoever has nothing waiting has room for one request of any size.
  func failure(adding bytes: Int, by person: PendingRequest.Client?, most: Int, mostOfOne: Int) -> Failure? {
    if total > 0, total + bytes > most { return .tooManyRequests }
    // What all have together is seldom more than one may have: nobody is looked up then.
    guard total + bytes > mostOfOne, let person, let own = byPerson[Key(person)], own + bytes > mostOfOne
    else { return nil }
    return Failure(
      .busy, "\(own) bytes of your requests wait for their answers, and \(mostOfOne) may: let some come first",
      retryAfterMilliseconds: 200, isOfAsker: true)
  }
}

extension Failure {
  static let tooManyRequests = Failure(
    .busy, "too many requests wait on this node; try again", retryAfterMilliseconds: 200)
}
