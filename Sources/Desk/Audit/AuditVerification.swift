/// Follows a desk's audit page by page, and recomputes it up to the head that the state has.
package struct AuditVerification: Sendable {
  /// What does not fit.
  package struct Fault: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
      /// The entry is not there, and those behind it are.
      case missing
      /// Its hash is not that of what stands there: it was changed.
      case changed
      /// It fits to those before it, and what all nodes have noted is another one.
      case foreign
    }

    /// The first number that does not fit.
    package var number: UInt64
    package var kind: Kind

    package init(number: UInt64, kind: Kind) { (self.number, self.kind) = (number, kind) }

    package var description: String {
      switch kind {
      case .missing: "entry \(number) is missing"
      case .changed: "entry \(number) does not follow from the one before it: one of them was changed"
      case .foreign: "entry \(number) is not the last one that the nodes have noted"
      }
    }
  }

  /// Entries up to this one are looked at, and the hash of it; as the first page said.
  package let count: UInt64
  private let head: AuditHash
  private var hash: AuditHash?
  /// The first entry that is kept; nil: none was seen. Earlier ones went with their months.
  package private(set) var first: UInt64?
  /// The last one that was looked at.
  package private(set) var last: UInt64 = 0

  /// - Parameter page: the first one.
  package init(upTo page: AuditPage) { (count, head) = (page.count, page.head) }

  package var isAtEnd: Bool { last >= count }

  /// Goes on behind `last`.
  /// - Returns: nil: all that is there fits. What is not there yet may come.
  package mutating func follow(_ page: AuditPage) -> Fault? {
    for line in page.entries where line.entry.number <= count {
      let number = line.entry.number
      if let hash {
        guard number == last + 1 else { return Fault(number: last + 1, kind: .missing) }
        guard hash.followed(by: line.entry.encoded) == line.hash else {
          return Fault(number: number, kind: .changed)
        }
      } else {
        guard page.previous?.followed(by: line.entry.encoded) == line.hash else {
          return Fault(number: number, kind: .changed)
        }
        first = number
      }
      (hash, last) = (line.hash, number)
    }
    guard isAtEnd, count > 0, hash != head else { return nil }
    return Fault(number: last, kind: .foreign)
  }

  /// What is said when no more comes.
  package var end: Fault? {
    isAtEnd ? nil : Fault(number: last + 1, kind: .missing)
  }
}
