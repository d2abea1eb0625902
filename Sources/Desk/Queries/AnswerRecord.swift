/// What a query is answered with, declared as the query is: a frame in both forms, a document over HTTP, a value in Swift.
/// A field that is added later has to be one that may be left out: an older node does not say it.
package protocol AnswerRecord: Sendable {
  /// The `type` of its frame.
  static var name: StaticString { get }
  /// The type of its binary frame, for ever: from 201 on, and none of `BinaryFrameType`; a test compares them all.
  static var frameType: UInt8 { get }
  static var fields: Fields<Self> { get }
}

extension Operations {
  /// Those that only read, in the order of the list.
  package static let queries: [any Query.Type] = all.compactMap { $0 as? any Query.Type }

  /// What queries are answered with.
  package static let answers: [any AnswerRecord.Type] = {
    func answer<One: Query>(of _: One.Type) -> any AnswerRecord.Type { One.Answer.self }
    return queries.map { answer(of: $0) }
  }()

  private static let answersByName: [String: any AnswerRecord.Type] = Dictionary(
    answers.map { ("\($0.name)", $0) }, uniquingKeysWith: { first, _ in first })

  /// By the `type` of its frame.
  package static func answer(named name: String) -> (any AnswerRecord.Type)? { answersByName[name] }
}

/// The answer to some query.
package struct QueryAnswer: Sendable, Equatable {
  package let record: any AnswerRecord
  package init(_ record: any AnswerRecord) { self.record = record }

  /// - Parameter text: a JSON object with the record's fields.
  /// - Returns: nil: it has not.
  package init?(_ type: any AnswerRecord.Type, reading text: UnsafeRawBufferPointer) {
    func read<One: AnswerRecord>(_: One.Type) -> (any AnswerRecord)? { try? One.fields.read(text) }
    guard let record = read(type) else { return nil }
    self.record = record
  }

  package static func == (left: QueryAnswer, right: QueryAnswer) -> Bool {
    func bytes<One: AnswerRecord>(_ record: One) -> [UInt8] { [One.frameType] + One.fields.encode(record) }
    return bytes(left.record) == bytes(right.record)
  }
}
