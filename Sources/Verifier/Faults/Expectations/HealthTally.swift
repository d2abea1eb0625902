/// What a node must be while strangers crowd it: alive for those who ask, and no larger than before by much.
struct HealthTally: Sendable {
  /// What a crowd may make a node grow by: its connections with their buffers, and no queue without end. In bytes.
  static let mostGrowth = 256 << 20

  let kind: FaultKind
  let node: String
  private(set) var asked = 0
  private(set) var memoryBefore: Int?
  private(set) var memoryPeak = 0
  private var wrong: [String] = []

  init(_ kind: FaultKind, node: String, memory: Int?) {
    self.kind = kind
    self.node = node
    memoryBefore = memory
  }

  /// - Parameter status: as `HealthProbe` says.
  mutating func answered(_ path: String, from whom: String, _ status: Int?, after seconds: Double) {
    asked += 1
    guard status != 200 else { return }
    let answer =
      switch status {
      case nil: "did not answer"
      case 0: "closed the connection without an answer"
      case let status?: "answered \(status)"
      }
    wrong.append("\(path) \(answer) to \(whom) after \((seconds * 10).rounded() / 10) s")
  }

  mutating func has(memory: Int?) { memoryPeak = max(memoryPeak, memory ?? 0) }

  var violations: [Violation] {
    var found: [Violation] = []
    if let first = wrong.first {
      found.append(
        Violation(
          "health", "\(kind.rawValue): \(node): \(wrong.count) of \(asked) times, first \(first)"))
    }
    if let before = memoryBefore, memoryPeak > before + Self.mostGrowth {
      found.append(
        Violation(
          "memory",
          "\(kind.rawValue): \(node) grew from \(before >> 20) to \(memoryPeak >> 20) MiB; "
            + "\(Self.mostGrowth >> 20) MiB more is the bound"))
    }
    return found
  }
}
