import Raft

/// Looks through a directory, file by file, and then once more as a start would.
struct Inspector {
  private let directory: Directory
  private let names: [String]
  private let expecting: StoreIdentity?
  /// Keeps a store from being opened meanwhile.
  private let lock: DirectoryLock?
  private var found: StoreInspection

  init(directory path: String, expecting: StoreIdentity?) throws(StoreError) {
    directory = Directory(path: path)
    self.expecting = expecting
    found = StoreInspection(directory: path)
    do throws(StoreError) { lock = try DirectoryLock(lookingAt: directory) } catch {
      guard case .inUse = error else { throw error }
      lock = nil
      found.isInUse = true
    }
    names = try directory.names()
  }

  mutating func inspect() throws(StoreError) -> StoreInspection {
    let owner = StoreOwner.find(in: directory, names: names)
    found.identity = owner?.identity
    found.formatVersion = owner?.version
    found.isRejoining = names.contains(FileNames.rejoin)
    found.setAside = names.filter(FileNames.isSetAside)
    found.foreign = names.filter { !FileNames.isOurs($0) }
    // A name for those whose files name nobody: every checksum will fail, which is what is to be said.
    let identity = expecting ?? owner?.identity ?? StoreIdentity(cluster: "?", node: 0)
    try lookAtSmallFiles(identity)
    try lookAtSnapshots(identity)
    try lookAtSegments(identity)
    if !found.isInUse { try startOver(identity) }
    return found
  }

  /// Keeps what is found wrong. Files of a store in use may go away meanwhile, and those are passed over.
  private mutating func note(_ body: (inout StoreInspection) throws(StoreError) -> Void) throws(StoreError) {
    do throws(StoreError) { try body(&found) } catch {
      switch error {
      case .io: if !(found.isInUse && error.isNotFound) { throw error }
      default: if !found.damage.contains(error) { found.damage.append(error) }
      }
    }
  }

  private mutating func lookAtSmallFiles(_ identity: StoreIdentity) throws(StoreError) {
    let (directory, names) = (directory, names)
    if names.contains(FileNames.manifest) {
      try note { (found) throws(StoreError) in
        found.newestSegment = try Manifest.read(in: directory, identity: identity).newestSegment
      }
    }
    try note { (found) throws(StoreError) in
      let marker = try RejoinMarker.read(in: directory, names: names, identity: identity)
      if let text = marker.note { found.notes.append(text) }
    }
  }

  private mutating func lookAtSnapshots(_ identity: StoreIdentity) throws(StoreError) {
    let directory = directory
    for name in names {
      guard let (index, term) = FileNames.snapshotPosition(name) else { continue }
      var snapshot = StoreInspection.Snapshot(name: name, index: index, term: term, isWhole: false)
      try note { (_) throws(StoreError) in
        try SnapshotFile(name, in: directory, identity: identity).verify()
        snapshot.isWhole = true
      }
      found.snapshots.append(snapshot)
    }
  }

  private mutating func lookAtSegments(_ identity: StoreIdentity) throws(StoreError) {
    let image = SegmentImage()
    let directory = directory
    let numbers = names.compactMap(FileNames.segmentNumber).sorted()
    // The first record of each segment that cannot be read.
    var unreadable: [(number: UInt64, error: StoreError)] = []
    var lastUsed: UInt64 = 0
    for (place, number) in numbers.enumerated() {
      if place > 0, number != numbers[place - 1] + 1 { lack(numbers[place - 1] + 1) }
      let name = FileNames.segment(number)
      var segment = StoreInspection.Segment(name: name, number: number, bytes: 0, contents: .unreadable)
      segment.bytes = (try? File(directory.file(name), .read).size()) ?? 0
      if found.isInUse {
        segment.contents = .records(0, entries: nil)
      } else {
        try note { (_) throws(StoreError) in
          try image.load(number, from: directory)
          let (contents, bad) = try Self.contents(of: image, identity)
          segment.contents = contents
          if contents != .prepared { lastUsed = number }
          if let bad { unreadable.append((number, bad)) }
        }
      }
      found.segments.append(segment)
    }
    // That of the last one is a torn write or damage, which is judged with all the rest.
    for (number, error) in unreadable where number != lastUsed { found.damage.append(error) }
    if let newest = found.newestSegment, newest > 0, numbers.last ?? 0 < newest, !found.isInUse { lack(newest) }
  }

  private mutating func lack(_ number: UInt64) {
    let missing = LogRecovery.missing(number, in: directory)
    if !found.damage.contains(missing) { found.damage.append(missing) }
  }

  /// What can be read, and the first record that cannot.
  private static func contents(of image: SegmentImage, _ identity: StoreIdentity) throws(StoreError)
    -> (StoreInspection.Segment.Contents, StoreError?)
  {
    if image.isBlank { return (.prepared, nil) }
    _ = try image.header(identity)
    let codec = RecordCodec(identity: identity, segment: image.number)
    var offset = SegmentHeader.bytes
    var records = 0
    var entries: ClosedRange<LogIndex>?
    while offset < image.usedEnd, let header = codec.header(image.bytes, at: offset),
      codec.unknown(header) == nil, let record = codec.record(header, in: image.bytes, at: offset)
    {
      if case .entry(let entry) = record {
        let range = entries ?? entry.index...entry.index
        entries = min(range.lowerBound, entry.index)...max(range.upperBound, entry.index)
      }
      records += 1
      offset += header.bytes
    }
    let isWhole = offset >= image.usedEnd
    return (
      .records(records, entries: entries), isWhole ? nil : LogRecovery.unreadable(image.path, offset)
    )
  }

  /// As a start would, which knows what a torn write is, and what the files make together.
  private mutating func startOver(_ identity: StoreIdentity) throws(StoreError) {
    do throws(StoreError) {
      let start = try StoreRecovery(directory: directory, names: names, identity: identity)
      found.opening = start.opening
      found.hardState = start.log.hardState
      found.last = start.log.last
      found.notes = start.notes
    } catch {
      if case .io = error { throw error }
      found.refusal = error
      if !found.damage.contains(error) { found.damage.append(error) }
    }
  }
}
