/// However often a request to hand a session on was repeated, it was handed on once: nobody was told of it more often
/// than it was asked.
enum TransferCheck {
  private struct Giving: Hashable {
    var session: String
    var from: String
  }

  static func violations(in evidence: Evidence) -> [Violation] {
    let asked = Dictionary(grouping: evidence.transfers) { Giving(session: $0.session, from: $0.process) }
    var found: [Violation] = []
    for (listener, handovers) in Dictionary(grouping: evidence.handovers, by: \.listener) {
      for (from, told) in Dictionary(grouping: handovers, by: { $0.from ?? "" }) {
        let most = asked[Giving(session: listener.session, from: from)]?.count ?? 0
        guard told.count > most else { continue }
        found.append(
          Violation(
            "handed on twice", session: listener.session,
            "\(listener.process) was told \(told.count) times that \(from) gave it away, who asked \(most) times"
          ))
      }
    }
    return found.sorted { ($0.session ?? "", $0.text) < ($1.session ?? "", $1.text) }
  }
}
