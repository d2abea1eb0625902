import Desk
import Kernel

/// What a client has said, in whichever form: from here on both are treated alike.
protocol RequestFrame {
  /// nil: it says none.
  var asked: ClientFrameType? { get }
  /// As the client has called it.
  var typeName: String { get }
  /// What an error calls this request: its id, be it one that is not taken.
  var name: RequestName { get }
  /// The id, if there is one: the answer carries it back.
  func requestID(limit: Int) throws(Failure) -> String

  func hello() throws(Failure) -> Hello
  func sendRequest(id: String, bodyBytes: Int) throws(Failure) -> DeskRequest
  func receipt() throws(Failure) -> (SessionID, Sequence)
  func request(
    _ operation: any ClientOperation.Type, role: UserRole, by asker: Asker
  ) throws(Failure) -> DeskRequest
}

extension ClientFrame: RequestFrame {
  @inline(__always)
  var asked: ClientFrameType? {
    guard type.kind == .string else { return nil }
    guard type.isEscaped else { return ClientFrameType(type.raw(in: text)) }
    return (type.bytes(in: text) ?? []).withUnsafeBytes { ClientFrameType($0) }
  }

  var typeName: String { type.string(in: text) ?? "" }

  func request(
    _ operation: any ClientOperation.Type, role: UserRole, by asker: Asker
  ) throws(Failure) -> DeskRequest {
    var asker = asker
    if operation is any SessionOperation.Type {
      asker.expectation = try Expecting.fields.read(text).expectation
    }
    return try operation.request(text, role: role, by: asker)
  }
}

extension String {
  /// - Parameter limit: characters; 0: no limit.
  func boundedID(_ limit: Int) throws(Failure) -> String {
    // A character takes up to four bytes; counting them is only needed in between.
    if limit > 0, utf8.count > limit, unicodeScalars.count > limit {
      throw Failure(.badFrame, "`id` has more than \(limit) characters.")
    }
    return self
  }
}
