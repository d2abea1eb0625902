internal import Kernel

/// A key that chooses its shard by its own content.
protocol ShardKey: Hashable, Sendable {
  var shardHash: UInt64 { get }
}

/// A dictionary in many small pieces. A copy of the map shares all of them, and a change after that copies one
/// piece alone: a snapshot of a large state costs the hot path a few microseconds for each shard it touches.
struct ShardedMap<Key: ShardKey, Value: Sendable>: Sendable {
  private(set) var shards: [[Key: Value]]
  private(set) var count = 0

  /// - Parameter exponent: there are 2^exponent shards.
  init(exponent: Int) {
    shards = Array(repeating: [:], count: 1 << exponent)
  }

  @inline(__always)
  func shard(of key: Key) -> Int {
    // The upper bits of a product with an odd constant depend on all bits of the hash (Knuth, TAOCP 6.4).
    let mixed = (key.shardHash &* 0x9E37_79B9_7F4A_7C15) >> 32
    return Int(truncatingIfNeeded: mixed) & (shards.count - 1)
  }

  subscript(key: Key) -> Value? { shards[shard(of: key)][key] }

  func contains(_ key: Key) -> Bool {
    shards[shard(of: key)].index(forKey: key) != nil
  }

  /// Looks at a value where it lies, without a copy of it.
  @inline(__always)
  func read<Result>(_ key: Key, _ body: (borrowing Value) -> Result) -> Result? {
    let shard = shard(of: key)
    guard let index = shards[shard].index(forKey: key) else { return nil }
    return body(shards[shard].values[index])
  }

  /// Changes a value in place; nil: there is none.
  @inline(__always)
  mutating func update<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
    let shard = shard(of: key)
    guard let index = shards[shard].index(forKey: key) else { return nil }
    return body(&shards[shard].values[index])
  }

  /// Puts the value in place of the one that may be there.
  mutating func set(_ key: Key, to value: Value) {
    if shards[shard(of: key)].updateValue(value, forKey: key) == nil { count += 1 }
  }

  /// Takes out of one shard what meets the condition.
  mutating func prune(_ shard: Int, where isGone: (Value) -> Bool) {
    guard shards[shard].values.contains(where: isGone) else { return }
    let before = shards[shard].count
    shards[shard] = shards[shard].filter { !isGone($0.value) }
    count -= before - shards[shard].count
  }

  mutating func remove(_ key: Key) {
    if shards[shard(of: key)].removeValue(forKey: key) != nil { count -= 1 }
  }
}

extension ShardedMap where Key: Comparable {
  var sortedKeys: [Key] {
    var keys: [Key] = []
    keys.reserveCapacity(count)
    for shard in shards { keys.append(contentsOf: shard.keys) }
    keys.sort()
    return keys
  }
}

extension TextKey: ShardKey {
  /// Keyed at random in each process, so that nobody can choose texts that collide: what is kept by text has to be
  /// sorted on its way out.
  var shardHash: UInt64 { UInt64(bitPattern: Int64(hashValue)) }
}

extension SessionID: ShardKey {
  /// The same in every process: snapshots go through sessions shard by shard.
  var shardHash: UInt64 { rawValue }
}

extension AgentID: ShardKey {
  var shardHash: UInt64 { UInt64(bitPattern: Int64(hashValue)) }
}
