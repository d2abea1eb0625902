internal import Kernel

/// A key that chooses its shard by its own content.
protocol ShardKey: Hashable, Sendable {
  var shardHash: UInt64 { get }
}

/// A dictionary whose values lie in an array: a value is read where it lies, while a dictionary of the standard library
/// gives out a copy with all that it refers to retained.
struct Shard<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private var places: [Key: Int] = [:]
  private(set) var keys: ContiguousArray<Key> = []
  private(set) var values: ContiguousArray<Value> = []

  var count: Int { values.count }

  @inline(__always)
  func place(of key: Key) -> Int? { places[key] }

  subscript(key: Key) -> Value? { places[key].map { values[$0] } }

  @inline(__always)
  mutating func update<Result>(at place: Int, _ body: (inout Value) -> Result) -> Result {
    body(&values[place])
  }

  /// - Returns: false: there was one, whose place is taken.
  mutating func set(_ key: Key, to value: Value) -> Bool {
    if let place = places[key] {
      values[place] = value
      return false
    }
    places[key] = values.count
    keys.append(key)
    values.append(value)
    return true
  }

  /// The last one moves into the place that becomes free.
  ///
  /// - Returns: there was one.
  mutating func remove(_ key: Key) -> Bool {
    guard let place = places.removeValue(forKey: key) else { return false }
    let lastKey = keys.removeLast()
    let lastValue = values.removeLast()
    if place < values.count {
      keys[place] = lastKey
      values[place] = lastValue
      places[lastKey] = place
    }
    return true
  }
}

/// A dictionary in many small pieces. A copy of the map shares all of them, and a change after that copies one
/// piece alone: a snapshot of a large state costs the hot path a few microseconds for each shard it touches.
struct ShardedMap<Key: ShardKey, Value: Sendable>: Sendable {
  private(set) var shards: [Shard<Key, Value>]
  private(set) var count = 0

  /// - Parameter exponent: there are 2^exponent shards.
  init(exponent: Int) {
    shards = Array(repeating: Shard(), count: 1 << exponent)
  }

  @inline(__always)
  func shard(of key: Key) -> Int {
    // The upper bits of a product with an odd constant depend on all bits of the hash (Knuth, TAOCP 6.4).
    let mixed = (key.shardHash &* 0x9E37_79B9_7F4A_7C15) >> 32
    return Int(truncatingIfNeeded: mixed) & (shards.count - 1)
  }

  subscript(key: Key) -> Value? { shards[shard(of: key)][key] }

  func contains(_ key: Key) -> Bool {
    shards[shard(of: key)].place(of: key) != nil
  }

  /// Looks at a value without giving it out.
  @inline(__always)
  func read<Result>(_ key: Key, _ body: (borrowing Value) -> Result) -> Result? {
    let shard = shard(of: key)
    guard let place = shards[shard].place(of: key) else { return nil }
    return body(shards[shard].values[place])
  }

  /// `read` for the way of a message: with exclusive access nothing that the value refers to has to be retained, which is
  /// a wait for memory each. A piece that is shared with a copy of the map is copied, as before a change.
  @inline(__always)
  mutating func inspect<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? { update(key, body) }

  /// Changes a value in place; nil: there is none.
  @inline(__always)
  mutating func update<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
    let shard = shard(of: key)
    guard let place = shards[shard].place(of: key) else { return nil }
    return shards[shard].update(at: place, body)
  }

  /// Puts the value in place of the one that may be there.
  mutating func set(_ key: Key, to value: Value) {
    if shards[shard(of: key)].set(key, to: value) { count += 1 }
  }

  /// Takes out of one shard what meets the condition.
  mutating func prune(_ shard: Int, where isGone: (Value) -> Bool) {
    guard shards[shard].values.contains(where: isGone) else { return }
    var kept = Shard<Key, Value>()
    for (key, value) in zip(shards[shard].keys, shards[shard].values) where !isGone(value) {
      _ = kept.set(key, to: value)
    }
    count -= shards[shard].count - kept.count
    shards[shard] = kept
  }

  mutating func remove(_ key: Key) {
    if shards[shard(of: key)].remove(key) { count -= 1 }
  }

  /// Takes out all of one piece.
  mutating func drop(_ shard: Int) {
    guard shards.indices.contains(shard) else { return }
    count -= shards[shard].count
    shards[shard] = Shard()
  }

  /// The first piece with anything in it.
  var firstFilled: Int? { count == 0 ? nil : shards.firstIndex { $0.count > 0 } }
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
  private static let seed = UInt64(bitPattern: Int64(Hasher().finalize()))

  /// Keyed at random in each process, as the hash of the dictionary is, so that nobody can choose texts that collide:
  /// what is kept by text has to be sorted on its way out. It chooses a shard alone, so it may be cheaper: it is worked
  /// out for every message.
  var shardHash: UInt64 {
    text.withBytes { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      var hash = Self.seed ^ UInt64(truncatingIfNeeded: bytes.count)
      var place = 0
      while place + 8 <= bytes.count {
        hash = Self.mixed(hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        place += 8
      }
      var rest: UInt64 = 0
      while place < bytes.count {
        rest = rest << 8 | UInt64(bytes[place])
        place += 1
      }
      return Self.mixed(hash ^ rest)
    }
  }

  /// Both halves of the whole product, so that no bit of what comes in is lost (Wang Yi, wyhash).
  private static func mixed(_ value: UInt64) -> UInt64 {
    let (high, low) = (value ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return high ^ low
  }
}

extension SessionID: ShardKey {
  /// The same in every process: snapshots go through sessions shard by shard.
  var shardHash: UInt64 { rawValue }
}

extension AgentID: ShardKey {
  var shardHash: UInt64 { UInt64(bitPattern: Int64(hashValue)) }
}
