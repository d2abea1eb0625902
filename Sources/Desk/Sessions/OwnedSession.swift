/// A session in the list of its owner. The list is in the order of the shards in which sessions are kept: whoever
/// takes the first few thousand touches few shards, and while a snapshot is written each shard touched is copied.
struct OwnedSession: Comparable, Sendable {
  let shard: Int
  let id: SessionID

  static func < (left: OwnedSession, right: OwnedSession) -> Bool {
    left.shard != right.shard ? left.shard < right.shard : left.id < right.id
  }
}
