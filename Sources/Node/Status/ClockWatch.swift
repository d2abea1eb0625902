import Desk
import Kernel
import Protocol
import Raft

/// How far the clocks of the others are from this node's, by the time of day in their notices.
///
/// A notice is late by what the network and two queues take, so it shows the sender's clock too far back, and never too far
/// ahead. Of the newest few the one that came quickest counts, which shows it furthest ahead; half the round trip is added.
///
/// A clock that is about as far off as is tolerated is off for some notices and not for others. So one that was found too far
/// off is taken for right again at half of the tolerance: a problem that comes and goes is no news to anybody.
struct ClockWatch {
  /// A little more than one lost or late notice is to spoil.
  static let samples = 8

  /// In milliseconds, of each peer, the oldest first: its clock less this one's.
  private var differences: [NodeID: [Int64]] = [:]
  /// Peers whose clock was found too far off, and has not come near enough since.
  private var far: Set<NodeID> = []

  /// - Parameters:
  ///   - told: the sender's time of day, in milliseconds since 1970.
  ///   - own: this node's when the notice came.
  ///   - tolerance: milliseconds.
  mutating func take(_ told: UInt64, from peer: NodeID, own: UInt64, roundTrip: Double?, tolerance: Int) {
    let way = Int64(min(max(0, roundTrip ?? 0) * 500, 60_000))
    // Whatever a peer says, the difference of two times within a quarter of the range stays within it.
    let most = UInt64(Int64.max / 4)
    let difference = Int64(min(told, most)) - Int64(min(own, most)) + way
    var known = differences[peer] ?? []
    known.append(difference)
    if known.count > Self.samples { known.removeFirst() }
    differences[peer] = known
    guard let distance = self.difference(from: peer)?.magnitude else { return }
    let tolerated = UInt64(max(0, tolerance))
    if distance > tolerated { far.insert(peer) } else if distance <= tolerated / 2 { far.remove(peer) }
  }

  mutating func forget(_ peer: NodeID) {
    differences[peer] = nil
    far.remove(peer)
  }

  /// Whether that clock and this one are too far apart; nil: it was not heard often enough.
  func isFar(_ peer: NodeID) -> Bool? { difference(from: peer).map { _ in far.contains(peer) } }

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
    clocks.take(told, from: peer, own: timeOfDay, roundTrip: trip, tolerance: configuration.clockTolerance)
  }

  /// Whether this node's clock differs from more than half of those that can be reached. Of three nodes it is the one that is
  /// alone with its time; of two nobody knows whose clock is wrong, and both say so.
  var clockIsOff: Bool {
    let known = knownClocks
    return known.count { $0 } * 2 > known.count
  }

  /// Whether at least one other node has told its time, and this node's is near that of half of those that have; alone, always.
  var clockIsVouchedFor: Bool { group.members.count < 2 || !knownClocks.isEmpty && !clockIsOff }

  /// Of those that can be reached and were heard: whether their clocks are far from this node's.
  private var knownClocks: [Bool] {
    group.members.filter { $0.id != server.rawValue && peers.isConnected(NodeID($0.id)) }
      .compactMap { clocks.isFar(NodeID($0.id)) }
  }
}
