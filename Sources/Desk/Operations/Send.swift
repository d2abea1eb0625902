/// Says something. By far the most frequent: `ClientFrame.sendRequest` reads its frame by hand, and a test holds both
/// readings against each other.
package struct Send: ClientOperation {
  package static let name: StaticString = "send"
  package static let frameType: UInt8 = 18
  package static let summary = "Say something in a session"
  package static let about = """
    Answered when the message can no longer be lost. The same sender with the same id in the same session has said it \
    once: a repetition gets the first answer.
    """
  package static let allowed = Roles.everybody
  package static let audit = AuditRule.never
  package static let isRemembered = true
  package static let route: Route? = Route(.post, "/v1/sessions/{session}/messages")
  package static let answer = AnswerKind.ack

  package var session: SessionID
  /// UTF-8.
  package var body: [UInt8]
  package init(session: SessionID, body: [UInt8]) { (self.session, self.body) = (session, body) }

  package static let fields = Fields(
    Self.init(session:body:),
    Field(1, "session", { $0.session }, .session, "Which one."),
    Field(
      2, "body", { $0.body }, .body,
      "What is said, up to the `body_bytes` of `welcome`; structured data as JSON text."))

  package func request(by asker: Asker) throws(Failure) -> DeskRequest {
    if asker.bodyBytes > 0, body.count > asker.bodyBytes {
      throw Failure(.tooLarge, "`body` has \(body.count) bytes; \(asker.bodyBytes) are allowed.")
    }
    return .send(session, id: asker.requestID, body: body)
  }
}
