internal import Kernel

/// The policies of one desk. From level 9 on.
///
/// One that was replaced or deleted stays until each session that waits under it was looked at again: where such a session may be
/// found follows from the policy under which it has entered its line.
struct PolicyTable: Sendable {
  /// Of those in force, at the most.
  static let most = 64
  /// Of those that are no more in force and still waited under: more changes in one go are refused.
  static let mostOutdated = 64

  /// By version; those that are no more in force as well.
  private var kept: [UInt64: KeptPolicy] = [:]
  private var inForce: [PolicyKey: UInt64] = [:]
  private(set) var lastVersion: UInt64 = 0
  /// The piece of the sessions that is to be looked through next for who waits under an old policy; nil: nobody does.
  var cursor: Int?

  /// In the order of their keys.
  var list: [KeptPolicy] { inForce.keys.sorted().compactMap { inForce[$0] }.compactMap { kept[$0] } }
  var count: Int { inForce.count }
  private var outdated: Int { kept.count - inForce.count }
  var hasRoomForOutdated: Bool { outdated < Self.mostOutdated }

  func policy(for key: PolicyKey) -> KeptPolicy? { inForce[key].flatMap { kept[$0] } }

  /// By its version, in force or not. There is one for each that a session may wait under.
  func version(_ version: UInt64) -> KeptPolicy { version == 0 ? .builtIn : kept[version] ?? .builtIn }
  func has(_ version: UInt64) -> Bool { version == 0 || kept[version] != nil }

  /// The policy of a session.
  func policy(channel: String, intent: String) -> KeptPolicy {
    guard !inForce.isEmpty else { return .builtIn }
    for place in PolicyKey.places(channel: channel, intent: intent) {
      if let found = policy(for: place) { return found }
    }
    return .builtIn
  }

  /// In force from now on.
  mutating func set(_ policy: Policy, for key: PolicyKey, at now: UInt64) {
    lastVersion += 1
    kept[lastVersion] = KeptPolicy(key: key, version: lastVersion, policy: policy, setAt: now)
    inForce[key] = lastVersion
    cursor = 0
  }

  mutating func remove(_ key: PolicyKey) {
    guard inForce.removeValue(forKey: key) != nil else { return }
    lastVersion += 1
    cursor = 0
  }

  /// Nobody waits under an old one any more.
  mutating func dropOutdated() {
    cursor = nil
    let used = Set(inForce.values)
    kept = kept.filter { used.contains($0.key) }
  }
}

extension PolicyTable {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(lastVersion)
    writer.writeVarint(cursor.map { UInt64($0) + 1 } ?? 0)
    writer.writeVarint(UInt64(kept.count))
    for version in kept.keys.sorted() {
      guard let one = kept[version] else { continue }
      writer.writeVarint(version)
      writer.write(string: one.key.channel.text)
      writer.write(string: one.key.intent.text)
      writer.write(UInt8(inForce[one.key] == version ? 1 : 0))
      writer.writeVarint(one.setAt)
      writer.write(bytes: Policy.fields.encode(one.policy))
    }
  }

  /// - Parameter pieces: in which the desk's sessions lie.
  init(from reader: inout ByteReader, now: UInt64, pieces: Int) throws(DecodingFailure) {
    lastVersion = try reader.readVarint()
    let next = try reader.readVarint()
    guard next <= UInt64(pieces) else {
      throw .invalid("policies are looked after in a piece that there is not")
    }
    cursor = next == 0 ? nil : Int(next - 1)
    var last: UInt64 = 0
    for _ in 0..<(try reader.readCount(limit: Self.most + Self.mostOutdated, minimumElementSize: 8)) {
      let version = try reader.readVarint()
      guard version > last, version <= lastVersion else {
        throw .invalid("policies are not in the order of versions")
      }
      last = version
      let channel = try reader.readString(limit: .max)
      let key = PolicyKey(channel: channel, intent: try reader.readString(limit: .max))
      let flag = try reader.readUInt8()
      guard flag < 2 else { throw .invalid("a flag is \(flag), neither 0 nor 1") }
      let setAt = try reader.readVarint()
      guard setAt <= now else { throw .invalid("a policy was set in the future") }
      let policy = try Policy.fields.decode(try reader.readBytes(limit: .max))
      kept[version] = KeptPolicy(key: key, version: version, policy: policy, setAt: setAt)
      if flag == 1 {
        guard inForce.updateValue(version, forKey: key) == nil else {
          throw .invalid("two policies are in force for one channel and intent")
        }
      }
    }
    if outdated > 0, cursor == nil { throw .invalid("an old policy is kept for nothing") }
  }
}
