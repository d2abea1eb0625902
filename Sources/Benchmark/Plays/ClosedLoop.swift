/// Each of many customers says the next thing as soon as the last one was acknowledged.
final class ClosedLoop: Crowd, @unchecked Sendable {
  private var sentAt: [Int64] = []
  private var said: [Int] = []
  private var isMeasuring = false
  private var isOver = false
  private var latencies = Latencies()

  struct Result: Sendable {
    var perSecond: Double
    var latencies: Latencies
  }

  /// - Parameter clients: customers with one message under way each.
  func run(clients: Int, seconds: Double, token: (Int) async throws -> String) async throws -> Result {
    for number in 0..<clients { add(CrowdMember.Role(token: try await token(number)), at: number) }
    sentAt = Array(repeating: 0, count: clients)
    said = Array(repeating: 0, count: clients)
    try await connect(0..<clients)
    try await onLoop { [self] in for member in members { member.open() } }
    try await until("in a session", seconds: 60) { $0.members.allSatisfy { $0.session != nil } }
    try await onLoop { [self] in for member in members { next(member) } }
    try await Task.sleep(for: .seconds(1))
    let began = Crowd.now()
    try await onLoop { [self] in isMeasuring = true }
    try await Task.sleep(for: .seconds(seconds))
    let found = try await onLoop { [self] in
      isMeasuring = false
      isOver = true
      return latencies
    }
    let took = Double(Crowd.now() - began) / 1e9
    return Result(perSecond: Double(found.count) / took, latencies: found)
  }

  private func next(_ member: CrowdMember) {
    guard let session = member.session else { return }
    said[member.number] += 1
    sentAt[member.number] = Crowd.now()
    member.send(Messages.body, to: session, id: "\(member.number)-\(said[member.number])")
  }

  override func acknowledged(_ member: CrowdMember, id: String) {
    guard !isOver else { return }
    if isMeasuring { latencies.add(Crowd.now() - sentAt[member.number]) }
    next(member)
  }
}

enum Messages {
  /// 128 bytes, as the comparison with other systems has it.
  static let body = String(repeating: "a line of a talk ", count: 8).prefix(128).description
}
