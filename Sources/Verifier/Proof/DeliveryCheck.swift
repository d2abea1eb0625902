/// Each listener got the messages of a session in order, each once, as the history has them, without a gap through
/// every reconnection; and whoever stayed to the end got all.
struct DeliveryCheck {
  private let evidence: Evidence
  private let history: [String: [Line]]
  private let own: [Evidence.Listener: [Attempt]]

  init(_ evidence: Evidence) {
    self.evidence = evidence
    history = evidence.copies.reduce(into: [:]) { known, copy in
      if known[copy.session] == nil, let lines = copy.lines { known[copy.session] = lines }
    }
    own = Dictionary(grouping: evidence.attempts) {
      Evidence.Listener(process: $0.process, session: $0.session)
    }
  }

  var violations: [Violation] {
    let deliveries = Dictionary(grouping: evidence.deliveries) {
      Evidence.Listener(process: $0.process, session: $0.session)
    }
    let listeners = Set(deliveries.keys).union(evidence.stayed)
    let sorted = listeners.sorted { ($0.process, $0.session) < ($1.process, $1.session) }
    return sorted.flatMap { listener -> [Violation] in
      let lines = (deliveries[listener] ?? []).map(\.line)
      return order(listener, lines) + contents(listener, lines) + gaps(listener, lines)
    }
  }

  private func order(_ listener: Evidence.Listener, _ lines: [Line]) -> [Violation] {
    var found: [Violation] = []
    var seen: Set<UInt64> = []
    var last: UInt64 = 0
    for line in lines {
      if !seen.insert(line.sequence).inserted {
        found.append(
          Violation("duplicate", session: listener.session, "\(listener.process) got \(line.sequence) twice"))
      } else if line.sequence < last {
        found.append(
          Violation(
            "order", session: listener.session, "\(listener.process) got \(line.sequence) after \(last)"))
      }
      last = max(last, line.sequence)
    }
    return found
  }

  private func contents(_ listener: Evidence.Listener, _ lines: [Line]) -> [Violation] {
    guard let known = history[listener.session] else { return [] }
    return lines.compactMap { line in
      let place = Int(clamping: line.sequence) - 1
      guard !known.indices.contains(place) || known[place] != line else { return nil }
      return Violation(
        "delivered", session: listener.session,
        "\(listener.process) got \(line.id) as \(line.sequence), which the history does not have there")
    }
  }

  /// The acknowledgement of an own message stands for its delivery.
  private func gaps(_ listener: Evidence.Listener, _ lines: [Line]) -> [Violation] {
    guard !evidence.brokenOff.contains(listener) else { return [] }
    let attempts = own[listener] ?? []
    let got = Set(lines.map(\.sequence)).union(attempts.compactMap(\.sequence))
    let stayed = evidence.stayed.contains(listener)
    let known = history[listener.session]
    var end = got.max() ?? 0
    if stayed, let known { end = max(end, UInt64(known.count)) }
    let isFromTheStart = stayed || lines.first?.sequence == 1
    guard let first = isFromTheStart ? 1 : got.min(), first <= end else { return [] }
    // An own message without an answer may have been stored: its sender is not told of it again.
    let unanswered = Set(attempts.filter { $0.mayBeStored }.map(\.id))
    let missing = (first...end).filter { sequence in
      guard !got.contains(sequence) else { return false }
      let place = Int(clamping: sequence) - 1
      guard let known, known.indices.contains(place) else { return true }
      return !unanswered.contains(known[place].id)
    }
    guard let one = missing.first else { return [] }
    return [
      Violation(
        "delivery gap", session: listener.session,
        "\(listener.process) did not get \(one)\(missing.count > 1 ? " and \(missing.count - 1) more" : "")")
    ]
  }
}
