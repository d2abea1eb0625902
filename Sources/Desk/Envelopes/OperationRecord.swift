package import Kernel

/// What somebody asks of a session, in the form in which it travels: made once, where it came in.
package struct OperationRecord: Hashable, Sendable {
  /// Which operation: see `Operations.ofSessions`.
  package let operation: UInt16
  /// The first level whose nodes read it, its fields included.
  package let since: Level
  package let session: SessionID
  /// The client's request id: by it a repetition is known.
  package private(set) var requestID: String
  /// The operation's fields, as `Fields.encode` gives them.
  package let fields: [UInt8]
  /// What has to be so for it to be carried out.
  package let expectation: Expectation

  package init<One: SessionOperation>(_ operation: One, id: String, expecting expectation: Expectation = .none)
  {
    self.operation = One.number
    self.expectation = expectation
    let own = max(Envelope.since, One.since, One.fields.since(operation))
    since = expectation == .none ? own : max(own, Expectation.since)
    session = operation.session
    requestID = id
    fields = One.fields.encode(operation)
  }

  /// From a log, or from another node.
  /// - Throws: `DecodingFailure` for an operation that this build does not know, or fields that are not its own.
  init(
    reading number: UInt16, id: String, fields: [UInt8], expecting expectation: Expectation
  ) throws(DecodingFailure) {
    guard let type = Operations.ofSessions[number] else { throw .invalid("operation \(number) is not known") }
    self = try Self.read(type, id: id, fields: fields, expectation)
  }

  private static func read<One: SessionOperation>(
    _: One.Type, id: String, fields: [UInt8], _ expectation: Expectation
  ) throws(DecodingFailure) -> Self {
    OperationRecord(try One.fields.decode(fields), id: id, expecting: expectation)
  }

  func renamed(_ id: String) -> OperationRecord {
    var renamed = self
    renamed.requestID = id
    return renamed
  }

  /// - Returns: nil when it is another operation.
  package func opened<One: SessionOperation>(as _: One.Type) -> One? {
    operation == One.number ? try? One.fields.decode(fields) : nil
  }

  /// Bytes that it holds.
  package var size: Int { requestID.utf8.count + fields.count }
}
