import Simulation

/// The reads and sends of each session can be put into one order that respects real time: a conversation is a list
/// that is appended to. Sessions are independent of each other, so each is searched alone.
struct ReadCheck {
  private let evidence: Evidence
  private let maxSteps: Int
  /// By session: where each message stands in the end. What nobody got an answer to is found there or nowhere: without
  /// that, each such message would double the orders that have to be searched.
  private let places: [String: [String: Int]]

  /// - Parameter maxSteps: of the search in one session.
  init(_ evidence: Evidence, maxSteps: Int = 2_000_000) {
    self.evidence = evidence
    self.maxSteps = maxSteps
    var places: [String: [String: Int]] = [:]
    for copy in evidence.copies where places[copy.session] == nil {
      guard let lines = copy.lines else { continue }
      places[copy.session] = Dictionary(
        lines.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
    }
    self.places = places
  }

  var violations: [Violation] {
    let attempts = Dictionary(grouping: evidence.attempts, by: \.session)
    let reads = Dictionary(grouping: evidence.reads, by: \.session)
    return reads.keys.sorted().flatMap { session in
      violations(session, attempts[session] ?? [], reads[session] ?? [])
    }
  }

  private struct Position { var place: Int? }

  /// - Returns: nil when it was never stored; no place when that is not known.
  private func position(of id: String, told: UInt64?, in session: String) -> Position? {
    if let told { return Position(place: Int(clamping: told)) }
    guard let places = places[session] else { return Position(place: nil) }
    guard let place = places[id] else { return nil }
    return Position(place: place)
  }

  private func violations(_ session: String, _ attempts: [Attempt], _ reads: [SessionRead]) -> [Violation] {
    var numbers: [String: Int] = [:]
    var processes: [String: Int] = [:]
    var history: [Operation<AppendListModel.Action>] = []
    var texts: [String] = []
    func number(_ process: String) -> Int {
      let next = processes.count
      return processes[process, default: next]
    }
    for attempt in attempts {
      numbers[attempt.id] = numbers[attempt.id] ?? numbers.count
      let element = numbers[attempt.id] ?? 0
      // What was refused for good has no effect; that it stays out is seen by the transcripts.
      if case .refused = attempt.outcome { continue }
      let told = attempt.sequence
      guard let position = position(of: attempt.id, told: told, in: session) else { continue }
      let client = number(attempt.process)
      processes[attempt.process] = client
      history.append(
        Operation(
          client: client, action: .append(element, position: position.place), called: attempt.called,
          returned: told == nil ? nil : attempt.returned))
      texts.append("\(attempt.process) says \(attempt.id) (\(attempt.outcome))")
    }
    var found: [Violation] = []
    for read in reads {
      let elements = read.lines.compactMap { numbers[$0.id] }
      let isInOrder = read.lines.indices.allSatisfy { read.lines[$0].sequence == UInt64($0 + 1) }
      guard elements.count == read.lines.count, isInOrder else {
        found.append(
          Violation(
            "invented", session: session, "\(read.process) read on \(read.node) what nobody said, or with a gap"
          ))
        continue
      }
      let client = number(read.process)
      processes[read.process] = client
      history.append(
        Operation(client: client, action: .read(elements), called: read.called, returned: read.returned))
      texts.append("\(read.process) reads \(elements.count) messages on \(read.node)")
    }
    switch LinearizabilityChecker(AppendListModel(), maxSteps: maxSteps).check(history) {
    case .linearizable: break
    case .violated(_, let stuckAt):
      let text = texts.indices.contains(stuckAt) ? texts[stuckAt] : "an operation"
      let operation = history.indices.contains(stuckAt) ? history[stuckAt] : nil
      let time = operation.map { " called at \($0.called) ns" } ?? ""
      found.append(Violation("stale read", session: session, "no order explains it: \(text)\(time)"))
    case .undecided(let steps):
      found.append(
        Violation("undecided", session: session, "no order was found in \(steps) steps; nothing is known"))
    }
    return found
  }
}
