/// The links between nodes: which are cut, and how bad the others are.
struct SimulatedNetwork {
  private let count: Int
  private var cut: [Bool]
  private var connection: [Int]
  private var lastArrival: [Int]
  private var stalledUntil: [Int]
  /// Rises with each new set of cuts, so that an old repair does not end a new partition.
  var generation = 0
  /// In a thousand; on top of what the plan says.
  var extraLoss = 0
  var extraDuplicates = 0
  /// Microseconds.
  var extraJitter = 0
  /// Rises with each new kind of weather.
  var roughness = 0

  init(nodes: Int) {
    count = nodes
    cut = Array(repeating: false, count: nodes * nodes)
    connection = Array(repeating: 0, count: nodes * nodes)
    lastArrival = Array(repeating: 0, count: nodes * nodes)
    stalledUntil = Array(repeating: 0, count: nodes * nodes)
  }

  func isCut(_ from: Int, _ to: Int) -> Bool { cut[from * count + to] }

  /// Frames from the first to the second are lost.
  mutating func cut(_ from: Int, _ to: Int) { cut[from * count + to] = true }

  mutating func join(_ from: Int, _ to: Int) { cut[from * count + to] = false }

  mutating func clean() {
    extraLoss = 0
    extraDuplicates = 0
    extraJitter = 0
  }

  mutating func cutBoth(_ left: Int, _ right: Int) {
    cut(left, right)
    cut(right, left)
  }

  mutating func isolate(_ node: Int) {
    for other in 0..<count where other != node { cutBoth(node, other) }
  }

  mutating func heal() {
    for link in cut.indices { cut[link] = false }
    generation += 1
  }

  func connection(_ from: Int, _ to: Int) -> Int { connection[from * count + to] }

  /// What is on its way between the two is lost.
  mutating func reset(_ left: Int, _ right: Int) {
    connection[left * count + right] += 1
    connection[right * count + left] += 1
  }

  /// What goes from one to the other arrives after that time at the earliest.
  mutating func stall(_ from: Int, _ to: Int, until time: Int) { stalledUntil[from * count + to] = time }

  func stalled(_ from: Int, _ to: Int, _ time: Int) -> Int { max(stalledUntil[from * count + to], time) }

  /// The arrival of a frame that would arrive at `time`, when nothing may overtake.
  mutating func ordered(_ from: Int, _ to: Int, _ time: Int) -> Int {
    let link = from * count + to
    lastArrival[link] = max(lastArrival[link] + 1, time)
    return lastArrival[link]
  }
}
