import Desk

/// What a day has come to.
package struct DayFigures: Sendable {
  /// Of those who were served, in ms; 0: at once.
  private var waits: [UInt64] = []
  /// Of those who gave up, in ms.
  private var quits: [UInt64] = []
  private var busy: [AgentID: UInt64] = [:]
  private var there: [AgentID: UInt64] = [:]
  /// Of those who had to wait and were served: how wrong the estimate was, and how wrong the mean of the line's last ten waits.
  private var errors: [UInt64] = []
  private var recentErrors: [UInt64] = []
  private var signed: Int64 = 0
  /// Inside of the range that was said.
  private var inside = 0
  private var unsaid = 0

  package init() {}

  mutating func servedAtOnce() { waits.append(0) }

  /// - Parameters:
  ///   - estimate: what was said when the wait began.
  ///   - recent: what the mean of the last waits was.
  mutating func waited(_ time: UInt64, estimate: WaitEstimate?, recent: UInt64?) {
    waits.append(time)
    guard let estimate, let recent else {
      unsaid += 1
      return
    }
    errors.append(time > estimate.likely ? time - estimate.likely : estimate.likely - time)
    signed += Int64(clamping: estimate.likely) - Int64(clamping: time)
    recentErrors.append(time > recent ? time - recent : recent - time)
    if estimate.range?.contains(time) == true { inside += 1 }
  }

  mutating func gaveUp(after time: UInt64) { quits.append(time) }
  mutating func gave(_ agent: AgentID, for time: UInt64) { busy[agent, default: 0] += time }
  /// What each could have done: all its slots, whenever it takes chats.
  mutating func work(_ agents: [DayPlan.Agent]) {
    for agent in agents {
      let time = agent.hours.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
      there[agent.id] = time * UInt64(agent.capacity)
    }
  }

  package var served: Int { waits.count }
  package var gaveUp: Int { quits.count }

  /// In ms, of all who were served.
  package func wait(percentile: Int) -> UInt64 {
    waits.isEmpty ? 0 : waits.sorted()[min(waits.count - 1, waits.count * percentile / 100)]
  }

  /// In ms, of those who had to wait and were served.
  package var meanWait: UInt64 {
    let some = waits.filter { $0 > 0 }
    return some.isEmpty ? 0 : some.reduce(0, +) / UInt64(some.count)
  }

  package var hadToWait: Int { waits.count { $0 > 0 } }
  package var withEstimate: Int { errors.count }
  package var withoutEstimate: Int { unsaid }
  /// In ms.
  package var meanError: UInt64 { errors.isEmpty ? 0 : errors.reduce(0, +) / UInt64(errors.count) }
  package var meanBias: Int64 { errors.isEmpty ? 0 : signed / Int64(errors.count) }
  package var meanErrorOfRecent: UInt64 {
    recentErrors.isEmpty ? 0 : recentErrors.reduce(0, +) / UInt64(recentErrors.count)
  }
  /// Of a hundred.
  package var insideRange: Double { errors.isEmpty ? 0 : Double(inside) * 100 / Double(errors.count) }

  /// The share of its slots that each agent has used, in percent, sorted.
  package var loads: [Double] {
    there.keys.sorted().map { agent in
      let time = there[agent] ?? 0
      return time == 0 ? 0 : Double(busy[agent] ?? 0) * 100 / Double(time)
    }.sorted()
  }
}
