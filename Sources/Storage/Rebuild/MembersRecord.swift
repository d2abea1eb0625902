package import Raft

/// The file `members`.
extension MembersRecord {
  static let place = SmallFile(name: FileNames.members, magic: .members)
  /// More than any cluster ever has; refused before memory is taken for them.
  private static let maxMembers: UInt32 = 65_536

  func write(in directory: Directory, identity: StoreIdentity) throws(StoreError) {
    try Self.place.write(in: directory, identity: identity) { writer in
      let pinned = pinned?.encoded() ?? []
      writer.put(UInt32(pinned.count))
      writer.bytes.append(contentsOf: pinned)
      for list in [first, file, known] {
        writer.put(UInt32(list.count))
        for id in list { writer.put(id.rawValue) }
      }
    }
  }

  static func read(in directory: Directory, names: [String], identity: StoreIdentity) throws(StoreError)
    -> MembersRecord?
  {
    try place.read(in: directory, names: names, identity: identity) { fields in
      guard let count = fields.take(UInt32.self), let bytes = fields.takeBytes(Int(count)) else { return nil }
      var record = MembersRecord()
      if count > 0 {
        guard let pinned = try? Membership(encoded: Array(bytes)) else { return nil }
        record.pinned = pinned
      }
      guard let first = ids(&fields), let file = ids(&fields), let known = ids(&fields) else { return nil }
      (record.first, record.file, record.known) = (first, file, known)
      return record
    }
  }

  private static func ids(_ fields: inout ByteReader) -> [NodeID]? {
    guard let count = fields.take(UInt32.self), count <= maxMembers else { return nil }
    var ids: [NodeID] = []
    for _ in 0..<count {
      guard let id = fields.take(UInt64.self) else { return nil }
      ids.append(NodeID(id))
    }
    return ids
  }
}

extension DiskStore {
  /// Notes durably what the node goes by from now on. Waits for the disk on the caller's thread.
  ///
  /// - Throws: as `beginRejoining`.
  package func note(_ record: MembersRecord) throws(StoreError) {
    guard !isOver else { throw .closed }
    try endingOnFailedSync { () throws(StoreError) in
      try record.write(in: directory, identity: identity)
    }
  }
}
