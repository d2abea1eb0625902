internal import Kernel

/// Where a page of an archive's answer ends. Only who has made it knows what it says.
package struct ArchivePlace: Hashable, Sendable {
  /// Bytes of the longest one.
  package static let longest = 96
  package let text: String

  init(unchecked text: String) { self.text = text }

  /// - Returns: nil: nothing that was ever given out looks like this.
  package init?(_ text: String) {
    let isPlain = text.utf8.allSatisfy {
      (48...57).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 46
    }
    guard !text.isEmpty, text.utf8.count <= Self.longest, isPlain else { return nil }
    self.text = text
  }
}

extension FieldType where Value == ArchivePlace {
  package static var archivePlace: Self {
    FieldType(
      schema: #""type": "string", "pattern": "^[a-z0-9.-]{1,\#(ArchivePlace.longest)}$""#, spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let word = value.string(in: text), let place = ArchivePlace(word) else {
          throw .malformed("must be the `place` of a page")
        }
        return place
      },
      write: { $1.write(json: $0.text) },
      form: BinaryForm(
        "text", encode: { $1.write(string: $0.text) },
        decode: { (reader) throws(DecodingFailure) in
          guard let place = ArchivePlace(try reader.readString(limit: .max)) else {
            throw .invalid("this is no place in a list")
          }
          return place
        }),
      check: { $0 },
      sample: { ArchivePlace(unchecked: "s.2026-11.\($0.next() % 1_000).\($0.next() % 100)") })
  }
}

extension Failure {
  static let noPlace = Failure(.badFrame, "`after` is not the `place` of a page of this list.")
}

extension ArchivePlace: PagePlace {
  package var bytes: [UInt8] { Array(text.utf8) }
  package init?(bytes: [UInt8]) { self.init(String(decoding: bytes, as: UTF8.self)) }
}
