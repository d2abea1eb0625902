import Desk
import Kernel
import Protocol
import Raft

/// How far the clocks of the others are from this node's, by the time of day in their notices.
///
/// A notice is late by what the network and two queues take, so it shows the sender's clock too far back, and never too far
/// ahead. Of the newest few the one that came quickest counts, which shows it furthest ahead; half the round trip is added.
struct ClockWatch {
  /// A little more than one lost or late notice is to spoil.
  static let samples = 8

  /// In milliseconds, of each peer, the oldest first: its clock less this one's.
  private var differences: [NodeID: [Int64]] = [:]

  /// - Parameters:
  ///   - told: the sender's time of day, in milliseconds since 1970.
  ///   - own: this node's when the notice came.
  mutating func take(_ told: UInt64, from peer: NodeID, own: UInt64, roundTrip: Double?) {
    let way = Int64(min(max(0, roundTrip ?? 0) * 500, 60_000))
    // Whatever a peer says, the difference of two times within a quarter of the range stays within it.
    let most = UInt64(Int64.max / 4)
    let difference = Int64(min(told, most)) - Int64(min(own, most)) + way
    var known = differences[peer] ?? []
    known.append(difference)
    if known.count > Self.samples { known.removeFirst() }
    differences[peer] = known
  }

  mutating func forget(_ peer: NodeID) { differences[peer] = nil }

  /// Whoever was heard a few times; milliseconds, positive: that clock is ahead of this one.
  func difference(from peer: NodeID) -> Int64? {
    guard let known = differences[peer], known.count >= Self.samples / 2 else { return nil }
    return known.max()
  }
}

extension Node {
  /// Takes the time of day out of a notice. Nodes of releases that do not tell it are not compared.
  mutating func compareClock(_ notice: NodeNotice, from peer: NodeID) {
    guard let told = notice.timeOfDay else { return }
    let trip = surroundings.contacts.first { $0.node == peer }?.roundTrip
    clocks.take(told, from: peer, own: timeOfDay, roundTrip: trip)
  }

  /// Whether this node's clock differs from more than half of those that can be reached. Of three nodes it is the one that is
  /// alone with its time; of two nobody knows whose clock is wrong, and both say so.
  var clockIsOff: Bool {
    let known = group.members.filter { $0.id != server.rawValue && peers.isConnected(NodeID($0.id)) }
      .compactMap { clocks.difference(from: NodeID($0.id)) }
    let far = known.count { $0.magnitude > UInt64(configuration.clockTolerance) }
    return far * 2 > known.count
  }
}
