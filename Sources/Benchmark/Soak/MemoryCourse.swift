/// What the processes of a cluster take in memory over a run: whether it grows once what lives is of the same size.
struct MemoryCourse {
  private struct Look {
    var seconds: Double
    /// Of the node that takes the most.
    var largest: Int
  }

  private var looks: [Look] = []
  /// Of all nodes at the last look, in bytes.
  private(set) var last: [Int] = []

  /// - Parameter settled: it is to be flat from here on.
  mutating func add(_ bytes: [Int], at seconds: Double, settled: Bool) {
    last = bytes
    guard settled, let largest = bytes.max() else { return }
    looks.append(Look(seconds: seconds, largest: largest))
  }

  /// Megabytes that the largest node gains in an hour, by least squares; nil: too short a time to say.
  var growth: Double? {
    guard let first = looks.first, let last = looks.last, last.seconds - first.seconds >= 300 else {
      return nil
    }
    let count = Double(looks.count)
    let middle = looks.reduce(0) { $0 + $1.seconds } / count
    let mean = looks.reduce(0) { $0 + Double($1.largest) } / count
    let above = looks.reduce(0) { $0 + ($1.seconds - middle) * (Double($1.largest) - mean) }
    let below = looks.reduce(0) { $0 + ($1.seconds - middle) * ($1.seconds - middle) }
    return below > 0 ? above / below * 3_600 / 1e6 : nil
  }

  func report(into report: inout BenchmarkReport) {
    let megabytes = looks.map { Double($0.largest) / 1e6 }
    guard let growth, !megabytes.isEmpty else {
      return report.failures.append("soak: memory: five minutes aside, too short a run to say whether it grows")
    }
    let third = max(1, megabytes.count / 3)
    let mean = { (part: ArraySlice<Double>) in part.reduce(0, +) / Double(max(1, part.count)) }
    report.rows.append(
      BenchmarkReport.Row(
        name: "soak: memory of the largest node, last third", value: mean(megabytes.suffix(third)), unit: "MB",
        isLessBetter: true,
        details: [
          "first_third": mean(megabytes.prefix(third)), "most": megabytes.max() ?? 0, "growth_per_hour": growth,
        ], ratio: mean(megabytes.suffix(third)) / mean(megabytes.prefix(third))))
  }
}
