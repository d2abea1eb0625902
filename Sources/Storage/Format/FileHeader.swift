internal import Kernel

/// What every file of a store begins with: magic (8 bytes), format version (4), length of the whole header (4),
/// CRC32C of all other bytes of the header (4), cluster, node, and then what the kind of file adds. All numbers
/// are little-endian. The first 20 bytes keep their places in every version, so that a later file is told
/// apart from a damaged one.
enum FileHeader {
  static let version: UInt32 = 1
  static let fixedBytes = 20
  /// The longest header: that of a snapshot with a large membership.
  static let maxBytes = 1 << 20

  /// Eight bytes each.
  enum Magic: String {
    case log = "SWBD-LOG"
    case snapshot = "SWBDSNAP"
    case manifest = "SWBDSTOR"
    case rejoin = "SWBDJOIN"
    case beginning = "SWBDBEGN"
    case members = "SWBDMEMB"
    case stopped = "SWBDSTOP"
  }

  static func encode(_ magic: Magic, identity: StoreIdentity, _ rest: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes.append(contentsOf: magic.rawValue.utf8)
    writer.put(version)
    writer.put(UInt64.zero)
    writer.put(identity.cluster)
    writer.put(identity.node)
    rest(&writer)
    withUnsafeBytes(of: UInt32(writer.bytes.count).littleEndian) {
      writer.bytes.replaceSubrange(12..<16, with: $0)
    }
    let crc = checksum(writer.bytes[...])
    withUnsafeBytes(of: crc.littleEndian) { writer.bytes.replaceSubrange(16..<20, with: $0) }
    return writer.bytes
  }

  /// The length that the first bytes of a file claim for its header; nil when it cannot be one.
  static func length(_ start: ArraySlice<UInt8>) -> Int? {
    var reader = ByteReader(start.dropFirst(12))
    guard let length = reader.take(UInt32.self), length >= UInt32(fixedBytes), length <= UInt32(maxBytes) else {
      return nil
    }
    return Int(length)
  }

  /// Checks magic, checksum, version and owner, in this order, and gives what follows with its length.
  /// - Parameter bytes: the start of the file, at least the whole header when the file has one.
  static func decode(
    _ magic: Magic, _ bytes: ArraySlice<UInt8>, of file: String, identity: StoreIdentity
  ) throws(StoreError) -> (fields: ByteReader, length: Int) {
    guard bytes.prefix(8).elementsEqual(magic.rawValue.utf8) else {
      throw .damaged(file: file, offset: 0, what: "it does not begin with \(magic.rawValue)")
    }
    guard let length = length(bytes), bytes.count >= length else {
      throw .damaged(file: file, offset: 12, what: "the length of its header cannot be right")
    }
    guard let (version, afterVersion) = version(bytes.prefix(length)) else {
      throw .damaged(file: file, offset: 0, what: "the checksum of its header is wrong")
    }
    guard version == Self.version else {
      throw .formatVersion(file: file, found: version, supported: Self.version)
    }
    var fields = afterVersion
    guard let found = owner(&fields) else {
      throw .damaged(file: file, offset: 20, what: "its header is too short")
    }
    guard found == identity else { throw .otherOwner(file: file, found: found, expected: identity) }
    return (fields, length)
  }

  /// What a whole header of any kind says about itself; nil when there is none. The owner is nil in a version that
  /// this release does not read.
  static func peek(_ bytes: ArraySlice<UInt8>) -> (version: UInt32, owner: StoreIdentity?)? {
    guard let magic = String(validating: bytes.prefix(8), as: UTF8.self), Magic(rawValue: magic) != nil,
      let length = length(bytes), bytes.count >= length, let (version, rest) = version(bytes.prefix(length))
    else { return nil }
    var fields = rest
    return (version, version == Self.version ? owner(&fields) : nil)
  }

  /// The version in a header whose checksum is right, and the fields after the checksum.
  private static func version(_ header: ArraySlice<UInt8>) -> (UInt32, ByteReader)? {
    var fields = ByteReader(header.dropFirst(8))
    guard let version = fields.take(UInt32.self), fields.take(UInt32.self) != nil,
      let crc = fields.take(UInt32.self), crc == checksum(header)
    else { return nil }
    return (version, fields)
  }

  private static func owner(_ fields: inout ByteReader) -> StoreIdentity? {
    guard let cluster = fields.takeText(), let node = fields.take(UInt64.self) else { return nil }
    return StoreIdentity(cluster: cluster, node: node)
  }

  private static func checksum(_ header: ArraySlice<UInt8>) -> UInt32 {
    let fields = header.prefix(16)
    return CRC32C.checksum(header.dropFirst(20), continuing: CRC32C.checksum(fields))
  }
}
