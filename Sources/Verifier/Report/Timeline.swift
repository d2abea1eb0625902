/// The faults of a run, each with what people noticed of it.
package struct TimelineRow: Sendable, Encodable {
  /// Seconds since the run began.
  package var at: Double
  package var fault: FaultKind
  package var nodes: [String]
  /// The longest time in which nobody got an acknowledgement, from a second before the fault to the next one, in ms.
  package var gapMs: Double
  /// The longest time in the same span in which the verifier itself did not run, in ms. A gap that is not much longer
  /// may be the machine's and not the cluster's.
  package var stallMs: Double
  /// Of the messages that were sent in the five seconds after the fault began; nil: there were none.
  package var ackP99Ms: Double?
  /// From when it was mended until all nodes were well, in ms; nil: they were not.
  package var wellAfterMs: Double?
  /// How it was not done as meant; nil: it was.
  package var failure: String?
}

enum Timeline {
  private static let second = 1_000_000_000

  /// - Parameter end: when the load ended.
  static func rows(
    _ faults: [FaultRecord], _ attempts: [Attempt], stalls: [Stall] = [], end: Moment
  ) -> [TimelineRow] {
    let acks = attempts.filter { $0.sequence != nil }
    let returns = acks.compactMap(\.returned).sorted()
    return faults.indices.map { place in
      let fault = faults[place]
      let next = place + 1 < faults.count ? faults[place + 1].began : max(end, fault.well ?? fault.mended)
      let after = acks.filter { (fault.began..<fault.began + 5 * second).contains($0.called) }
      return TimelineRow(
        at: Double(fault.began) / 1e9, fault: fault.kind, nodes: fault.nodes,
        gapMs: Double(gap(returns, from: fault.began - second, to: next)) / 1e6,
        stallMs: Double(longest(of: stalls, from: fault.began - second, to: next)) / 1e6,
        ackP99Ms: percentile(99, after.compactMap { attempt in attempt.returned.map { $0 - attempt.called } })
          .map { Double($0) / 1e6 },
        wellAfterMs: fault.well.map { Double($0 - fault.mended) / 1e6 }, failure: fault.failure)
    }
  }

  /// The longest time without one of `returns` (sorted) within a span.
  static func gap(_ returns: [Moment], from begin: Moment, to end: Moment) -> Int {
    var longest = 0
    // What came before counts from the beginning of the span on.
    var last = max(begin, 0)
    for moment in returns where moment >= last {
      guard moment < end else { break }
      longest = max(longest, moment - last)
      last = moment
    }
    return max(longest, end - last)
  }

  /// The longest stall that reaches into a span, as a whole.
  static func longest(of stalls: [Stall], from begin: Moment = .min, to end: Moment = .max) -> Int {
    stalls.filter { $0.woke > begin && $0.due < end }.map { $0.woke - $0.due }.max() ?? 0
  }

  /// Nearest rank. nil: there are no values.
  static func percentile(_ percent: Int, _ values: [Int]) -> Int? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return sorted[max(0, (sorted.count * percent + 99) / 100 - 1)]
  }
}
