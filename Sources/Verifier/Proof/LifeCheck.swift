/// Opening twice with one id gives one session, two ids never give the same, and a closed session takes nothing new.
enum LifeCheck {
  static func violations(in evidence: Evidence) -> [Violation] {
    var found: [Violation] = []
    var opened: [String: Opening] = [:]
    for opening in evidence.openings {
      guard let session = opening.session else { continue }
      if let other = opened[session], other.id != opening.id || other.process != opening.process {
        found.append(
          Violation(
            "shared session", session: session, "both \(other.process) and \(opening.process) were given it"))
      }
      opened[session] = opening
    }
    let closed = evidence.closings.reduce(into: [String: Moment]()) { known, closing in
      guard let returned = closing.returned else { return }
      known[closing.session] = min(known[closing.session] ?? returned, returned)
    }
    for attempt in evidence.attempts {
      guard attempt.sequence != nil, let end = closed[attempt.session], attempt.called > end else { continue }
      found.append(
        Violation("said after the end", session: attempt.session, "\(attempt.id) was taken after the close"))
    }
    for sight in evidence.finalSights where closed[sight.session] != nil && sight.state != "closed" {
      found.append(
        Violation("open again", session: sight.session, "\(sight.node) says \(sight.state) after it was closed")
      )
    }
    return found
  }
}
