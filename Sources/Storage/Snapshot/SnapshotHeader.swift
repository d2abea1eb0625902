internal import Kernel
import Raft

/// What a snapshot file begins with: whose it is, and its `SnapshotMeta`. The state follows at once.
enum SnapshotHeader {
  /// More members than any group has; refused before memory is taken for them.
  static let maxMembers: UInt32 = 10_000

  static func encode(_ meta: SnapshotMeta, identity: StoreIdentity) -> [UInt8] {
    FileHeader.encode(.snapshot, identity: identity) { writer in
      writer.put(meta.index.rawValue)
      writer.put(meta.term.rawValue)
      writer.put(meta.time)
      writer.put(meta.size)
      writer.put(meta.checksum)
      for members in [meta.membership.voters, meta.membership.outgoing, meta.membership.learners] {
        writer.put(UInt32(members.count))
        for member in members { writer.put(member.rawValue) }
      }
      // The lists above are all that the first releases read and wrote; this is the whole of it.
      let whole = meta.membership.encoded()
      writer.put(UInt32(whole.count))
      writer.bytes.append(contentsOf: whole)
    }
  }

  /// Reads the header at the start of `file`, and gives where the state begins.
  static func read(_ file: File, identity: StoreIdentity) throws(StoreError) -> (
    meta: SnapshotMeta, length: Int
  ) {
    var start = try file.read(count: 4096, at: 0)
    if let length = FileHeader.length(start[...]), length > start.count {
      start = try file.read(count: length, at: 0)
    }
    var (fields, length) = try FileHeader.decode(.snapshot, start[...], of: file.path, identity: identity)
    guard let index = fields.take(UInt64.self), let term = fields.take(UInt64.self),
      let time = fields.take(UInt64.self), let size = fields.take(UInt64.self),
      let checksum = fields.take(UInt32.self), let voters = members(&fields), let outgoing = members(&fields),
      let learners = members(&fields)
    else {
      throw .damaged(file: file.path, offset: 20, what: "its header is too short")
    }
    var membership = Membership(voters: voters, outgoing: outgoing, learners: learners)
    if let count = fields.take(UInt32.self) {
      guard let bytes = fields.takeBytes(Int(count)), let whole = try? Membership(encoded: Array(bytes)) else {
        throw .damaged(file: file.path, offset: 20, what: "the configuration in its header cannot be read")
      }
      membership = whole
    }
    let meta = SnapshotMeta(
      index: LogIndex(index), term: Term(term), time: time, membership: membership, size: size,
      checksum: checksum)
    return (meta, length)
  }

  private static func members(_ fields: inout ByteReader) -> [NodeID]? {
    guard let count = fields.take(UInt32.self), count <= maxMembers else { return nil }
    var members: [NodeID] = []
    for _ in 0..<count {
      guard let member = fields.take(UInt64.self) else { return nil }
      members.append(NodeID(member))
    }
    return members
  }
}
