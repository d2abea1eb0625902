import Desk
import Kernel

/// What `hello` and the frequent frames of a client ask for, checked field by field. A field that is wrong is named in the
/// error.
extension ClientFrame {
  /// The id, if there is one: the answer carries it back.
  func requestID(limit: Int) throws(Failure) -> String {
    guard id.isGiven else { return "" }
    guard let text = id.string(in: text) else { throw Failure(.badFrame, "`id` must be a string.") }
    return try text.boundedID(limit)
  }

  /// What an error calls this request: its id, be it one that is not taken.
  var name: RequestName {
    switch id.kind {
    case .string where id.end - id.start <= RequestIDSearch.longest: .text(id.string(in: text) ?? "")
    case .number where id.end - id.start <= RequestIDSearch.longest:
      .number(String(decoding: id.raw(in: text), as: UTF8.self))
    default: .none
    }
  }

  private func neededSession(_ value: JSONValue? = nil) throws(Failure) -> SessionID {
    let value = value ?? session
    guard value.isGiven else { throw Failure(.badFrame, "`session` is missing.") }
    guard value.kind == .string else { throw Failure(.badFrame, "`session` must be a string.") }
    let id =
      value.isEscaped
      ? SessionID(text: value.string(in: text) ?? "") : SessionID(bytes: value.raw(in: text))
    guard let id else { throw Failure(.notFound, "There is no such session.") }
    return id
  }

  private func number(_ value: JSONValue, _ name: StaticString) throws(Failure) -> UInt64? {
    guard value.isGiven else { return nil }
    guard let number = value.unsigned(in: text) else {
      throw Failure(.badFrame, "`\(name)` must be a whole number from 0 on.")
    }
    return number
  }

  // MARK: Requests

  func hello() throws(Failure) -> Hello {
    var hello = Hello()
    if self.token.isGiven {
      hello.token = self.token.string(in: text)
      if hello.token == nil { throw Failure(.badFrame, "`token` must be a string.") }
    }
    switch receipts.kind {
    case .absent, .null, .yes, .no: break
    default: throw Failure(.badFrame, "`receipts` must be true or false.")
    }
    hello.receipts = receipts.kind == .yes
    try readResume(into: &hello)
    return hello
  }

  /// What is wrong with one point says nothing of the others: it is answered by itself, behind the welcome.
  private func readResume(into hello: inout Hello) throws(Failure) {
    guard resume.isGiven else { return }
    let raw = resume.raw(in: text)
    var reader = JSONReader(raw)
    let wrong = Failure(.badFrame, "`resume` must be a list of objects with `session` and `after`.")
    guard resume.kind == .array, reader.take(UInt8(ascii: "[")) else { throw wrong }
    if reader.take(UInt8(ascii: "]")) { return }
    repeat {
      reader.skipSpace()
      guard reader.position < raw.count, raw[reader.position] == UInt8(ascii: "{") else {
        // The text was read before, so it is a value of JSON.
        guard (try? reader.value(depth: 2)) != nil else { throw wrong }
        hello.odd.append(ResumeFault(session: nil, failure: wrong))
        continue
      }
      guard let point = try? ClientFrame(element: &reader, depth: 2) else { throw wrong }
      do throws(Failure) {
        let session = try point.neededSession()
        hello.resume.append((session, Sequence(try point.number(point.after, "after") ?? 0)))
      } catch {
        let named = point.session.string(in: raw)
        hello.odd.append(
          ResumeFault(session: named.flatMap { $0.utf8.count <= 128 ? $0 : nil }, failure: error))
      }
    } while reader.take(UInt8(ascii: ","))
  }

  func sendRequest(id: String, bodyBytes: Int) throws(Failure) -> DeskRequest {
    if id.isEmpty { throw .noID(for: Send.name) }
    let session = try neededSession()
    guard body.isGiven else { throw Failure(.badFrame, "`body` is missing.") }
    guard body.kind == .string else {
      throw Failure(.badFrame, "`body` must be a string; put structured data into it as JSON text.")
    }
    // Escapes make the text longer than what it says, never shorter.
    let bytes = body.bytes(in: text) ?? []
    if bodyBytes > 0, bytes.count > bodyBytes {
      throw Failure(.tooLarge, "`body` has \(bytes.count) bytes; \(bodyBytes) are allowed.")
    }
    return .send(session, id: id, body: bytes)
  }

  func receipt() throws(Failure) -> (SessionID, Sequence) {
    let session = try neededSession()
    guard let sequence = try number(seq, "seq") else { throw Failure(.badFrame, "`seq` is missing.") }
    return (session, Sequence(sequence))
  }
}

/// The first frame of a client.
struct Hello {
  var token: String?
  var receipts = false
  var resume: [(session: SessionID, after: Sequence)] = []
  /// Points of `resume` that cannot be followed.
  var odd: [ResumeFault] = []
}

struct ResumeFault {
  /// As the client has named it; nil when it has not, or at length.
  var session: String?
  var failure: Failure
}
