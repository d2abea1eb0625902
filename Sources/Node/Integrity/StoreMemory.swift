import Kernel
import Protocol
import Raft

/// What a node has been told of the stores of the others, so that an old copy of a data directory that was put back is
/// found out: it has forgotten entries that it has acknowledged and votes that it has given, and must not count as the
/// member that it was.
///
/// Each start of a process is a life, with a number of its own (`NodeNotice.life`), and each node tells where its disk
/// stood when its life began. When that is before what it has told in an earlier life, its disk has gone back. Nodes tell
/// one another what they have heard (`NodeNotice.heard`), so that it outlives the start of any one of them. It is kept in
/// no file: where all nodes are restored from copies, none of them is held against what was lost.
struct StoreMemory {
  /// Of one other node.
  struct Record {
    var life: UInt64
    /// Where its disk stood when this life began.
    var start: StorePosition
    /// The furthest that it has told in earlier lives, and in this one.
    var before: StorePosition
    var now: StorePosition
    /// The life before this one.
    var earlierLife: UInt64?
    /// Of its own words in this life.
    var heardAt: Instant?
    var address = ""
  }

  /// What a word of a node shows.
  enum Finding: Hashable {
    case nothing
    /// Its disk is behind what it has told.
    case isOld(StorePosition)
    /// A process speaks again that another of the same number has followed.
    case isTwo(String, String)
  }

  /// Nodes tell of themselves twice a second.
  private static let silence = Span.seconds(5)

  private var records: [NodeID: Record] = [:]

  func record(of peer: NodeID) -> Record? { records[peer] }

  mutating func forget(_ peer: NodeID) { records[peer] = nil }

  /// The peer tells of itself.
  mutating func take(_ notice: NodeNotice, of peer: NodeID, at now: Instant) -> Finding {
    guard let life = notice.life else { return .nothing }
    var record = records[peer] ?? Record(life: life, start: .zero, before: .zero, now: .zero)
    defer { records[peer] = record }
    if record.earlierLife == life {
      // Unless the one that followed it has fallen silent: then that was a late word.
      if let heardAt = record.heardAt, now - heardAt < Self.silence {
        return .isTwo(record.address, notice.address)
      }
      (record.life, record.earlierLife) = (life, nil)
    } else if record.life != life {
      record.earlierLife = record.life
      record.before = max(record.before, record.now)
      record.now = .zero
      record.life = life
    }
    record.address = notice.address
    record.heardAt = now
    // Its disk was emptied or marked, and it says so: nothing is expected of it before it was taken in.
    if notice.conditions.contains(.doesNotVote) {
      (record.start, record.before, record.now) = (.zero, .zero, .zero)
      return .nothing
    }
    record.start = notice.start
    record.now = max(record.now, notice.durable)
    return record.start < record.before ? .isOld(record.before) : .nothing
  }

  /// The peer has promised something in this life.
  mutating func promised(_ position: StorePosition, by peer: NodeID) {
    guard let index = records.index(forKey: peer) else { return }
    if position > records.values[index].now { records.values[index].now = position }
  }

  /// What another node has heard of the peer.
  mutating func learn(_ heard: HeardStore, of peer: NodeID) -> Finding {
    guard var record = records[peer] else {
      records[peer] = Record(
        life: heard.life, start: .zero, before: heard.before, now: heard.now)
      return .nothing
    }
    if heard.life == record.life {
      record.before = max(record.before, heard.before)
      record.now = max(record.now, heard.now)
    } else if heard.life == record.earlierLife {
      record.before = max(record.before, max(heard.before, heard.now))
    } else {
      // Which of the two lives came first is not known here.
      return .nothing
    }
    // Of one that has not spoken itself, or has been taken in since, nothing is expected.
    guard record.heardAt != nil, record.start > .zero else { return .nothing }
    records[peer] = record
    return record.start < record.before ? .isOld(record.before) : .nothing
  }

  /// What is told of the others, in the order of their numbers.
  func told(of members: [NodeID]) -> [HeardStore] {
    members.compactMap { id in
      records[id].map { HeardStore(node: id.rawValue, life: $0.life, before: $0.before, now: $0.now) }
    }
  }
}
