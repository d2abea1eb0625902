/// A query whose answer is a part of a list. Whoever wants more asks again with the place of the last element; over HTTP that
/// place is a cursor.
package protocol PagedQuery: Query {
  associatedtype Place: PagePlace
  /// The field that holds the place.
  static var placeField: StaticString { get }
  /// The field of the answer that holds the elements.
  static var listField: StaticString { get }
  /// Where this page begins; nil: where the list does.
  var place: Place? { get set }
  /// - Returns: where the next page begins; nil: there is nothing more.
  func place(behind answer: Answer) -> Place?
}

/// A place in a list, as bytes that cursors keep: what was once given out is read for ever.
package protocol PagePlace: Sendable {
  var bytes: [UInt8] { get }
  /// - Returns: nil: they are none.
  init?(bytes: [UInt8])
}

extension SessionID: PagePlace {
  package var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> (56 - 8 * UInt64($0))) } }

  package init?(bytes: [UInt8]) {
    guard bytes.count == 8 else { return nil }
    self.init(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension DeskName: PagePlace {
  package var bytes: [UInt8] { Array(text.utf8) }
  package init?(bytes: [UInt8]) { self.init(String(decoding: bytes, as: UTF8.self)) }
}
