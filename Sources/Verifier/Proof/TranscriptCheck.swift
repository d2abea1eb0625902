/// Every node has the same history of every session: all that was acknowledged, where it was acknowledged, unchanged,
/// in order, without a gap, once; and nothing that nobody said.
struct TranscriptCheck {
  private let evidence: Evidence
  private let attempts: [String: [Attempt]]

  init(_ evidence: Evidence) {
    self.evidence = evidence
    attempts = Dictionary(grouping: evidence.attempts, by: \.session)
  }

  var violations: [Violation] {
    var found: [Violation] = []
    for (session, attempts) in attempts.sorted(by: { $0.key < $1.key }) {
      found += doubledPlaces(session, attempts)
    }
    var first: [String: HistoryCopy] = [:]
    for copy in evidence.copies {
      guard let lines = copy.lines else {
        found.append(Violation("missing", session: copy.session, "\(name(copy)) does not give the session"))
        continue
      }
      found += shape(copy, lines)
      found += contents(copy, lines)
      if let other = first[copy.session], other.lines != lines {
        found.append(
          Violation(
            "divergence", session: copy.session, "\(name(copy)) has another history than \(name(other))"))
      }
      if first[copy.session] == nil { first[copy.session] = copy }
    }
    return found
  }

  private func name(_ copy: HistoryCopy) -> String { copy.isLocal ? "\(copy.node) by itself" : copy.node }

  private func doubledPlaces(_ session: String, _ attempts: [Attempt]) -> [Violation] {
    var places: [UInt64: String] = [:]
    var found: [Violation] = []
    for attempt in attempts {
      guard let sequence = attempt.sequence else { continue }
      if let other = places[sequence], other != attempt.id {
        found.append(
          Violation(
            "order", session: session, "\(other) and \(attempt.id) were both acknowledged as \(sequence)"))
      }
      places[sequence] = attempt.id
    }
    return found
  }

  private func shape(_ copy: HistoryCopy, _ lines: [Line]) -> [Violation] {
    var found: [Violation] = []
    if let place = lines.indices.first(where: { lines[$0].sequence != UInt64($0 + 1) }) {
      found.append(
        Violation(
          "gap", session: copy.session, "\(name(copy)): sequence \(lines[place].sequence) at place \(place + 1)"
        ))
    }
    var seen: Set<String> = []
    for line in lines where !seen.insert(line.id).inserted {
      found.append(Violation("duplicate", session: copy.session, "\(name(copy)): \(line.id) is there twice"))
    }
    return found
  }

  private func contents(_ copy: HistoryCopy, _ lines: [Line]) -> [Violation] {
    let said = attempts[copy.session] ?? []
    let byID = said.reduce(into: [String: Attempt]()) { $0[$1.id] = $1 }
    let stored = lines.reduce(into: [String: Line]()) { $0[$1.id] = $1 }
    var found: [Violation] = []
    for attempt in said {
      let line = stored[attempt.id]
      switch attempt.outcome {
      case .acknowledged(let sequence):
        guard let line else {
          found.append(
            Violation(
              "lost", session: copy.session,
              "\(name(copy)): \(attempt.id), acknowledged as \(sequence), is gone"))
          continue
        }
        if line.sequence != sequence {
          found.append(
            Violation(
              "order", session: copy.session,
              "\(name(copy)): \(attempt.id), acknowledged as \(sequence), is at \(line.sequence)"))
        }
      case .refused(let code):
        if line != nil {
          found.append(
            Violation("refused", session: copy.session, "\(name(copy)): \(attempt.id) is there after \(code)"))
        }
      case .passedBy, .unknown: break
      }
    }
    for line in lines {
      guard let attempt = byID[line.id] else {
        found.append(Violation("invented", session: copy.session, "\(name(copy)): nobody said \(line.id)"))
        continue
      }
      if line.body != attempt.body || line.from != attempt.process {
        found.append(
          Violation(
            "changed", session: copy.session,
            "\(name(copy)): \(line.id) is \"\(line.body)\" by \(line.from), said was \"\(attempt.body)\" by "
              + attempt.process))
      }
    }
    return found
  }
}
