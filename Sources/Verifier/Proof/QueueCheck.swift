/// Within a skill nobody overtakes who came earlier with the same or a higher priority. A session that was handed to
/// another skill waits there, at the place that its time of arrival gives it. While a customer is gone their session is passed
/// over: others go before it, and it shows the place that it would have (docs/decisions/0018).
enum QueueCheck {
  static func violations(in evidence: Evidence) -> [Violation] {
    let openings = Dictionary(grouping: evidence.openings.filter { $0.session != nil }, by: \.skill)
    let sights = Dictionary(grouping: evidence.sights, by: \.session)
    let final = Dictionary(grouping: evidence.finalSights, by: \.node)
    var found: [Violation] = []
    for (_, openings) in openings.sorted(by: { $0.key < $1.key }) {
      found += overtaken(openings, sights, evidence.assigned)
    }
    let known = evidence.openings.filter { $0.session != nil }
    for (node, sights) in final.sorted(by: { $0.key < $1.key }) {
      let queued = Dictionary(grouping: sights.filter { $0.state == "queued" }, by: \.skill)
      for (_, sights) in queued.sorted(by: { $0.key < $1.key }) {
        found += misplaced(known, sights.reduce(into: [:]) { $0[$1.session] = $1 }, node)
      }
    }
    return found
  }

  /// `first` has a right to go before `second`, whatever order their overlapping requests had.
  private static func precedes(_ first: Opening, _ second: Opening) -> Bool {
    guard let returned = first.returned else { return false }
    return returned < second.called && first.priority >= second.priority
  }

  /// Nobody is handed on who was not served before, so here the skills are those of the openings. Somebody who came
  /// later was served, and after that the earlier one was still seen waiting.
  private static func overtaken(
    _ openings: [Opening], _ sights: [String: [SessionSight]], _ assigned: [String: Moment]
  ) -> [Violation] {
    var waitingSince: [(opening: Opening, session: String, asked: Moment)] = []
    var servedBy: [(opening: Opening, session: String, known: Moment)] = []
    for opening in openings {
      guard let session = opening.session, let returned = opening.returned else { continue }
      let seen = sights[session] ?? []
      guard !seen.contains(where: \.isPassedOver) else { continue }
      let served = seen.filter { $0.state == "active" }.map(\.returned).min()
      let known = [opening.state == "active" ? returned : nil, served, assigned[session]].compactMap { $0 }
      let firstServed = known.min()
      if let firstServed { servedBy.append((opening, session, firstServed)) }
      // Once it was served, waiting again is another matter: its agent was lost, or handed it on.
      let waited = seen.filter { $0.state == "queued" && $0.returned < (firstServed ?? .max) }
      if let asked = waited.map(\.called).max() { waitingSince.append((opening, session, asked)) }
    }
    var found: [Violation] = []
    for waiting in waitingSince {
      for served in servedBy where served.known < waiting.asked && precedes(waiting.opening, served.opening) {
        found.append(
          Violation(
            "queue order", session: waiting.session,
            "it still waited when session \(served.session), which came later, was served"))
        break
      }
    }
    return found
  }

  private static func misplaced(
    _ openings: [Opening], _ sights: [String: SessionSight], _ node: String
  ) -> [Violation] {
    let queued = openings.compactMap { opening -> (opening: Opening, sight: SessionSight, place: Int)? in
      guard let session = opening.session, let sight = sights[session] else {
        return nil
      }
      return sight.position.map { (opening, sight, $0) }
    }
    var found: [Violation] = []
    for first in queued {
      let next = first.sight.isPassedOver ? first.place : first.place + 1
      for second in queued where precedes(first.opening, second.opening) && second.place < next {
        found.append(
          Violation(
            "queue order", session: first.sight.session,
            "on \(node) it is at place \(first.place), session \(second.sight.session), which came later, at \(second.place)"
          ))
      }
    }
    return found
  }
}
