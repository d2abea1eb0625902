/// How much a client may put into `attributes`. They are kept with the session on every node for as long as it is, so
/// they are for what an agent or a program has to know, and not for documents.
enum AttributeBounds {
  static let count = 64
  /// Bytes of a name.
  static let nameBytes = 128
  /// Bytes of a value as JSON text.
  static let valueBytes = 4 << 10
  /// Bytes of all names and values.
  static let allBytes = 16 << 10

  /// One name with its value.
  static func check(_ name: String, valueBytes bytes: Int) throws(Failure) {
    guard name.utf8.count <= nameBytes else {
      throw Failure(
        .tooLarge,
        "`attributes` has the name `\(shortened(name))` of \(name.utf8.count) bytes; \(nameBytes) are allowed.")
    }
    guard bytes <= valueBytes else {
      throw Failure(
        .tooLarge, "`attributes.\(shortened(name))` has \(bytes) bytes; \(valueBytes) are allowed for a value.")
    }
  }

  /// All of them.
  static func check(_ attributes: [Attribute]) throws(Failure) {
    guard attributes.count <= count else {
      throw Failure(.tooLarge, "`attributes` has more than \(count) members.")
    }
    let bytes = attributes.reduce(0) { $0 + $1.name.utf8.count + $1.json.utf8.count }
    guard bytes <= allBytes else {
      throw Failure(
        .tooLarge, "`attributes` has \(bytes) bytes of names and values; \(allBytes) are allowed in all.")
    }
  }

  private static func shortened(_ name: String) -> String {
    name.unicodeScalars.count <= 40
      ? name : String(String.UnicodeScalarView(name.unicodeScalars.prefix(40))) + "..."
  }
}
