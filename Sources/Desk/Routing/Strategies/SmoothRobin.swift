internal import Kernel

/// Smooth weighted round robin (nginx, `ngx_http_upstream_round_robin.c`): of those who could be asked each gains its weight, the
/// one with the most is asked and loses the sum of the weights. So with 3 and 1 the order is A B A A and not A A A B. Who cannot be
/// asked gains nothing meanwhile.
struct SmoothRobin: Sendable {
  /// Of the policy that it belongs to: another one begins anew.
  let version: UInt64
  private(set) var current: [AgentID: Int64] = [:]

  init(version: UInt64) { self.version = version }

  /// All gain, before one of them is asked.
  mutating func gain(_ agents: [(agent: AgentID, weight: UInt32)]) {
    for (agent, weight) in agents { current[agent, default: 0] += Int64(weight) }
  }

  func value(of agent: AgentID) -> Int64 { current[agent] ?? 0 }
  var isEmpty: Bool { current.isEmpty }

  /// - Parameter sum: of the weights of all who could have been asked.
  mutating func took(_ agent: AgentID, of sum: Int64) { current[agent, default: 0] -= sum }

  mutating func forget(_ agent: AgentID) { current[agent] = nil }

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(version)
    writer.writeVarint(UInt64(current.count))
    for agent in current.keys.sorted() {
      writer.write(string: agent.rawValue)
      writer.write(UInt64(bitPattern: current[agent] ?? 0))
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    version = try reader.readVarint()
    for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 9)) {
      let agent = AgentID(try reader.readString(limit: .max))
      guard current.updateValue(Int64(bitPattern: try reader.readUInt64()), forKey: agent) == nil else {
        throw .invalid("an agent has two turns")
      }
    }
  }
}
