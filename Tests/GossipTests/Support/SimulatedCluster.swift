import Gossip
import Testing

/// Nodes over a network that loses, delays and doubles, in one thread, from one seed. Time goes in steps of 10 ms.
struct SimulatedCluster {
  static let step: UInt64 = 10
  /// Of the processor's time, how a starved node gets it.
  enum Starvation {
    /// Neither ticks nor reads for `stopped` ms, then runs for `running` ms, and so on. What arrives meanwhile waits.
    case stops(stopped: UInt64, running: UInt64)
    /// Ticks in time, but reads everything so many ms late.
    case reads(late: UInt64)
  }

  struct Event: Hashable {
    var time: UInt64
    var observer: MemberID
    var change: HealthChange
  }

  private struct Parcel {
    var bytes: [UInt8]
    var from: Int
    var to: Int
  }

  private struct Machine {
    var node: GossipNode?
    var starvation: Starvation?
    var waiting: [(bytes: [UInt8], from: Int, readableAt: UInt64)] = []
  }

  private(set) var now: UInt64 = 0
  private(set) var events: [Event] = []
  /// Changes with everything that happens: two runs with the same fingerprint were the same run.
  private(set) var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var longestDatagram = 0
  private(set) var datagrams = 0

  var lossPerMille = 0
  var doublePerMille = 0
  var delay: ClosedRange<UInt64> = 1...20
  /// Called for each configuration before a node starts.
  var configure: (inout GossipConfiguration) -> Void = { _ in }

  let ids: [MemberID]
  private var machines: [Machine]
  private var cut: [Bool]
  private var inFlight: [[Parcel]] = Array(repeating: [], count: 1_024)
  private var random: SeededGenerator
  private let seed: UInt64
  private var lives: UInt64 = 0

  init(_ count: Int, seed: UInt64) {
    ids = (1...count).map { MemberID(UInt64($0)) }
    machines = Array(repeating: Machine(), count: count)
    cut = Array(repeating: false, count: count * count)
    random = SeededGenerator(seed: seed, stream: 77)
    self.seed = seed
  }

  /// - Parameter incarnation: nil: what a clock that works would give.
  mutating func start(_ index: Int, incarnation: UInt64? = nil) throws {
    lives += 1
    var configuration = GossipConfiguration(
      id: ids[index], cluster: ClusterCheck(cluster: "test"), seed: seed &+ lives,
      incarnation: Incarnation(incarnation ?? 1_000_000 + now))
    configure(&configuration)
    var node = try GossipNode(configuration: configuration)
    node.setMembers(ids, now: now)
    machines[index] = Machine(node: node)
  }

  mutating func startAll() throws {
    for index in ids.indices { try start(index) }
  }

  mutating func crash(_ index: Int) { machines[index] = Machine() }
  mutating func starve(_ index: Int, _ starvation: Starvation?) { machines[index].starvation = starvation }

  /// From `from` to `to` nothing arrives any longer, or it does again.
  mutating func cut(_ from: Int, _ to: Int, _ isCut: Bool = true) { cut[from * ids.count + to] = isCut }

  mutating func heal() { cut = Array(repeating: false, count: cut.count) }

  mutating func with(_ index: Int, _ body: (inout GossipNode, UInt64) -> Void) {
    guard var node = machines[index].node else { return }
    machines[index].node = nil
    body(&node, now)
    machines[index].node = node
    carryOut(index)
  }

  func node(_ index: Int) -> GossipNode? { machines[index].node }
  var running: [Int] { ids.indices.filter { machines[$0].node != nil } }

  func health(of index: Int, at observer: Int) -> Health? {
    machines[observer].node?.status(of: ids[index])?.health
  }

  /// Deaths of members that somebody declared since a time.
  func deaths(of indices: some Sequence<Int>, since: UInt64 = 0) -> [Event] {
    let members = indices.map { ids[$0] }
    return events.filter { $0.time >= since && $0.change.to == .dead && members.contains($0.change.member) }
  }

  mutating func run(for duration: UInt64) {
    let end = now + duration
    while now < end { advance() }
  }

  /// Runs until the condition holds. Returns how long that took; nil: it never did within the limit.
  mutating func run(until limit: UInt64, _ isReached: (borrowing SimulatedCluster) -> Bool) -> UInt64? {
    let start = now
    while now < start + limit {
      if isReached(self) { return now - start }
      run(for: 50)
    }
    return isReached(self) ? now - start : nil
  }

  private mutating func advance() {
    now += Self.step
    let slot = Int(now / Self.step) % inFlight.count
    let arriving = inFlight[slot]
    inFlight[slot] = []
    for parcel in arriving where machines[parcel.to].node != nil {
      var readableAt = now
      if case .reads(let late) = machines[parcel.to].starvation { readableAt += late }
      // As a socket's buffer does it: what does not fit is lost.
      if machines[parcel.to].waiting.count < 300 {
        machines[parcel.to].waiting.append((parcel.bytes, parcel.from, readableAt))
      }
    }
    for index in machines.indices where machines[index].node != nil {
      if case .stops(let stopped, let running) = machines[index].starvation,
        now % (stopped + running) < stopped
      {
        continue
      }
      let isTick = (now / Self.step + UInt64(index)) % 5 == 0
      let readable = machines[index].waiting.prefix { $0.readableAt <= now }
      guard isTick || !readable.isEmpty else { continue }
      machines[index].waiting.removeFirst(readable.count)
      // The tick first: that is the harder order for one who was stopped.
      if isTick { machines[index].node?.tick(now: now) }
      for item in readable { machines[index].node?.receive(item.bytes, from: ids[item.from], now: now) }
      carryOut(index)
    }
  }

  private mutating func carryOut(_ index: Int) {
    guard let directives = machines[index].node?.takeDirectives() else { return }
    for directive in directives {
      switch directive {
      case .send(let bytes, let recipient):
        longestDatagram = max(longestDatagram, bytes.count)
        datagrams += 1
        note(now)
        for byte in bytes { note(UInt64(byte)) }
        let target = Int(recipient.rawValue) - 1
        guard !cut[index * ids.count + target] else { continue }
        let copies = random.draw(below: 1_000) < doublePerMille ? 2 : 1
        for _ in 0..<copies where random.draw(below: 1_000) >= lossPerMille {
          let span = Int(delay.upperBound - delay.lowerBound) + 1
          let later = delay.lowerBound + UInt64(random.draw(below: span))
          let slot = Int(now / Self.step + max(1, later / Self.step)) % inFlight.count
          inFlight[slot].append(Parcel(bytes: bytes, from: index, to: target))
        }
      case .healthChanged(let change):
        events.append(Event(time: now, observer: ids[index], change: change))
        note(change.member.rawValue << 8 | UInt64(change.to.rawValue))
      case .hintsChanged(let member): note(member.rawValue)
      }
    }
  }

  private mutating func note(_ value: UInt64) { fingerprint = (fingerprint ^ value) &* 0x0000_0100_0000_01B3 }
}
