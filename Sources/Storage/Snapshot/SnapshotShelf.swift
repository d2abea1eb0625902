internal import Kernel
import Raft
import Synchronization

/// The snapshots of a store: which there are, and making new ones appear whole or not at all. Used from several
/// threads; no call to the disk is made under the lock.
final class SnapshotShelf: Sendable {
  private let directory: Directory
  private let identity: StoreIdentity
  /// Ascending.
  private let metas: Mutex<[SnapshotMeta]>
  /// How many are kept: should the newest be damaged, the one before it and the log do as well.
  static let kept = 2

  init(directory: Directory, identity: StoreIdentity, metas: [SnapshotMeta]) {
    self.directory = directory
    self.identity = identity
    self.metas = Mutex(metas.sorted { ($0.index, $0.term) < ($1.index, $1.term) })
  }

  var newest: SnapshotMeta? { metas.withLock { $0.last } }
  /// The oldest that is kept.
  var oldest: SnapshotMeta? { metas.withLock { $0.suffix(Self.kept).first } }

  /// Takes out all but the newest, and gives the names of their files.
  /// - Parameter index: with one of this index or a later one, those that are older go as well.
  func prune(olderThan index: LogIndex = .zero) -> [String] {
    metas.withLock { metas in
      var count = max(0, metas.count - Self.kept)
      if let newest = metas.last, newest.index >= index {
        count = max(count, metas.prefix { $0.index < index }.count)
      }
      let gone = metas.prefix(count).map { FileNames.snapshot(index: $0.index, term: $0.term) }
      metas.removeFirst(count)
      return gone
    }
  }

  /// Gives a finished and durable file its name. Once this returns, it is there after any crash.
  func publish(_ temporary: String, _ meta: SnapshotMeta) throws(StoreError) {
    try directory.rename(temporary, to: FileNames.snapshot(index: meta.index, term: meta.term))
    try directory.synchronize()
    metas.withLock { metas in
      metas.removeAll { $0.index == meta.index && $0.term == meta.term }
      let place = metas.firstIndex { ($0.index, $0.term) > (meta.index, meta.term) } ?? metas.endIndex
      metas.insert(meta, at: place)
    }
  }

  /// The file of a snapshot; nil when there is none, or a different one, under its name.
  func open(_ meta: SnapshotMeta) throws(StoreError) -> SnapshotFile? {
    let name = FileNames.snapshot(index: meta.index, term: meta.term)
    do throws(StoreError) {
      let snapshot = try SnapshotFile(name, in: directory, identity: identity)
      return snapshot.meta == meta ? snapshot : nil
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }

  /// Writes a snapshot of this node's own state.
  func write(_ unfinished: SnapshotMeta, _ pieces: (_ sink: ([UInt8]) throws -> Void) throws -> Void)
    throws(StoreError) -> SnapshotMeta
  {
    var meta = unfinished
    let temporary = FileNames.snapshot(index: meta.index, term: meta.term) + ".tmp"
    do throws(StoreError) {
      let file = try File(directory.file(temporary), .create)
      let start = UInt64(SnapshotHeader.encode(meta, identity: identity).count)
      meta.size = 0
      meta.checksum = 0
      do {
        try pieces { piece in
          try file.write(piece, at: start + meta.size)
          meta.size += UInt64(piece.count)
          meta.checksum = CRC32C.checksum(piece, continuing: meta.checksum)
        }
      } catch let error as StoreError {
        throw error
      } catch {
        throw .snapshotNotProduced(index: meta.index.rawValue, reason: "\(error)")
      }
      try file.write(SnapshotHeader.encode(meta, identity: identity), at: 0)
      try directory.synchronize(file)
      try publish(temporary, meta)
      return meta
    } catch {
      try? directory.remove(temporary)
      throw error
    }
  }

  /// Looks through the files of a directory, newest first, up to the first that is whole. Damaged ones before it are
  /// given in `damaged`; older ones are taken as they are.
  static func recover(_ directory: Directory, names: [String], identity: StoreIdentity) throws(StoreError)
    -> (metas: [SnapshotMeta], damaged: [(name: String, error: StoreError)])
  {
    var metas: [SnapshotMeta] = []
    var damaged: [(name: String, error: StoreError)] = []
    for name in names.filter({ FileNames.snapshotPosition($0) != nil }).sorted(by: >) {
      do throws(StoreError) {
        let snapshot = try SnapshotFile(name, in: directory, identity: identity)
        if metas.isEmpty { try snapshot.verify() }
        metas.append(snapshot.meta)
      } catch {
        switch error {
        case .damaged, .snapshotDamaged: damaged.append((name, error))
        default: throw error
        }
      }
    }
    return (metas, damaged)
  }
}
