/// A file of a store that is a header and nothing else: written whole under a temporary name, so that it is there as it
/// was or as it is, and durable when `write` returns.
struct SmallFile {
  let name: String
  let magic: FileHeader.Magic

  func write(
    in directory: Directory, identity: StoreIdentity, _ fields: (inout ByteWriter) -> Void
  ) throws(StoreError) {
    let bytes = FileHeader.encode(magic, identity: identity, fields)
    let temporary = name + ".tmp"
    let file = try File(directory.file(temporary), .create)
    try file.write(bytes, at: 0)
    try directory.synchronize(file)
    try directory.rename(temporary, to: name)
    try directory.synchronize()
  }

  /// - Returns: nil when there is no such file.
  /// - Throws: also when `decode` gives nil.
  func read<Value>(
    in directory: Directory, names: [String], identity: StoreIdentity, _ decode: (inout ByteReader) -> Value?
  ) throws(StoreError) -> Value? {
    guard names.contains(name) else { return nil }
    let file = try File(directory.file(name), .read)
    let bytes = try file.read(count: FileHeader.maxBytes, at: 0)
    var (fields, _) = try FileHeader.decode(magic, bytes[...], of: file.path, identity: identity)
    guard let value = decode(&fields) else {
      throw .damaged(file: file.path, offset: 20, what: "what its header holds cannot be read")
    }
    return value
  }
}
