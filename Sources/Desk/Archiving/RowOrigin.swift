/// Which entry of the log has made a row of an archive, or what it was as. Rows of the log have one index; of rows that were taken
/// from a whole state is known only between which two it lies.
package struct RowOrigin: Hashable, Sendable {
  /// Not before this one.
  package var since: UInt64
  /// Not after this one. What the row says is as of this one.
  package var made: UInt64

  package init(since: UInt64, made: UInt64) { (self.since, self.made) = (min(since, made), made) }
  /// By that entry.
  package init(_ index: UInt64) { (since, made) = (index, index) }

  package var isExact: Bool { since == made }

  /// Whether the row may be of an entry behind `after`, up to `upTo`.
  package func mayBe(after: UInt64, upTo: UInt64) -> Bool { made > after && since <= upTo }
}
