internal import Kernel

/// The order of `round_robin` in one line: whoever was given a chat of it longest ago is next, then by id. There is no pointer to
/// lose: who joins, leaves or comes back needs no repair, and nobody catches up.
struct RoundRobin: Sendable {
  struct Turn: Comparable, Sendable {
    /// When it was last given a chat of the line, in ms since 1970; 0: never.
    var time: UInt64
    var agent: AgentID

    static func < (left: Turn, right: Turn) -> Bool {
      left.time != right.time ? left.time < right.time : left.agent < right.agent
    }
  }

  private(set) var times: [AgentID: UInt64] = [:]
  /// Of the agents of the line who have room.
  private(set) var order = RankedSet<Turn>()

  /// - Parameter agents: those of the line who have room.
  init(of agents: RankedSet<AgentLoad>) {
    order.merge(ascending: agents.elements.map { Turn(time: 0, agent: $0.agent) }.sorted())
  }

  /// The first ones to be asked.
  func first(_ limit: Int) -> [AgentID] { order.prefix(limit).map(\.agent) }
  var isEmpty: Bool { times.isEmpty && order.isEmpty }
  func time(of agent: AgentID) -> UInt64 { times[agent] ?? 0 }
  private func turn(of agent: AgentID) -> Turn { Turn(time: time(of: agent), agent: agent) }

  mutating func insert(_ agent: AgentID) { order.insert(turn(of: agent)) }
  mutating func remove(_ agent: AgentID) { order.remove(turn(of: agent)) }

  /// An agent of the line was given a chat of it.
  mutating func took(_ agent: AgentID, at now: UInt64) {
    let isFree = order.remove(turn(of: agent))
    times[agent] = now
    if isFree { order.insert(turn(of: agent)) }
  }

  mutating func forget(_ agent: AgentID) {
    order.remove(turn(of: agent))
    times[agent] = nil
  }

  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(times.count))
    for agent in times.keys.sorted() {
      writer.write(string: agent.rawValue)
      writer.writeVarint(times[agent] ?? 0)
    }
  }

  /// Who has room is entered afterwards.
  init(from reader: inout ByteReader, now: UInt64) throws(DecodingFailure) {
    for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 2)) {
      let agent = AgentID(try reader.readString(limit: .max))
      let time = try reader.readVarint()
      guard time <= now, times.updateValue(time, forKey: agent) == nil else {
        throw .invalid("an agent has two turns, or one in the future")
      }
    }
  }
}
