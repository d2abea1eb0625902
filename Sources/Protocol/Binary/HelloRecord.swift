package import Desk

/// `hello` in a binary frame.
package struct HelloRecord: Sendable {
  /// From where a session is to go on.
  package struct Point: Hashable, Sendable {
    /// nil: the client has named none.
    package var session: UInt64?
    package var after: UInt64
    package init(session: UInt64?, after: UInt64 = 0) { (self.session, self.after) = (session, after) }

    package static let fields = Fields(
      Self.init(session:after:),
      Field(1, "session", { $0.session }, .optional(.number), "Which one."),
      Field(2, "after", { $0.after }, .number.or(0), "The last message that is known."))
  }

  /// Of one frame: about as many as a text frame holds.
  static let mostPoints = 4_096

  package var token: String?
  package var receipts: Bool
  package var resume: [Point]
  package init(token: String?, receipts: Bool = false, resume: [Point] = []) {
    (self.token, self.receipts, self.resume) = (token, receipts, resume)
  }

  package static let fields = Fields(
    Self.init(token:receipts:resume:),
    // The frame's own limit bounds it.
    Field(
      1, "token", { $0.token }, .optional(.text(1 << 24)),
      "Unless it came in the upgrade's `Authorization`; needed when `hello` is said again."),
    Field(2, "receipts", { $0.receipts }, .flag.or(false), "Whether messages are confirmed with `received`."),
    Field(
      3, "resume", { $0.resume }, .list(of: .record(Point.fields), upTo: mostPoints).or([]),
      "Sessions to go on with."))

  /// As the machine takes it. A point that cannot be followed is answered by itself.
  var hello: Hello {
    var hello = Hello()
    hello.token = token
    hello.receipts = receipts
    for point in resume {
      switch point.session {
      case nil:
        hello.odd.append(ResumeFault(session: nil, failure: Failure(.badFrame, "`session` is missing.")))
      case 0:
        hello.odd.append(ResumeFault(session: "0", failure: Failure(.notFound, "There is no such session.")))
      case let session?: hello.resume.append((SessionID(rawValue: session), Sequence(point.after)))
      }
    }
    return hello
  }
}
