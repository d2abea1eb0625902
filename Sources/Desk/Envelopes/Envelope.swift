package import Kernel

/// An operation of a person on its way into the log: what is asked, by whom, and under which epoch its owner proposes it. What
/// is in it matters to nobody between the door and `DeskState.apply`.
package struct Envelope: Hashable, Sendable {
  /// The first level whose nodes read envelopes. Below it some operations have a form of their own: `LegacyForm`.
  package static let since = Level.third

  package private(set) var record: OperationRecord
  package let by: Person
  /// The epoch under which the proposer owns the session.
  package var epoch: Epoch
  /// In the form that nodes below `since` read.
  package let isLegacy: Bool

  /// - Parameter level: that of the cluster.
  package init(_ record: OperationRecord, by person: Person, epoch: Epoch, level: Level) {
    (self.record, by, self.epoch) = (record, person, epoch)
    isLegacy =
      level < Self.since && LegacyForm.covers(record.operation)
      && record.since <= Self.since
  }

  /// The same by another id of its request: for mistakes that are made on purpose.
  package func renamed(_ id: String) -> Envelope {
    var renamed = self
    renamed.record = record.renamed(id)
    return renamed
  }

  package var session: SessionID { record.session }
  package var operation: UInt16 { record.operation }
  package var requestID: String { record.requestID }
  /// The first level whose nodes read it.
  package var level: Level { isLegacy ? .first : record.since }

  /// - Returns: nil when it is another operation.
  package func opened<One: SessionOperation>(as type: One.Type) -> One? { record.opened(as: type) }
}

extension Envelope {
  /// - Parameters:
  ///   - epoch: of the proposer.
  ///   - level: that of the cluster.
  package init<One: SessionOperation>(
    _ operation: One, id: String, by person: Person, epoch: Epoch, level: Level = .newest,
    expecting expectation: Expectation = .none
  ) {
    self.init(
      OperationRecord(operation, id: id, expecting: expectation), by: person, epoch: epoch, level: level)
  }
}
