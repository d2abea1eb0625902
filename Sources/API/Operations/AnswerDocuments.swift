internal import Desk
internal import Hummingbird
internal import Protocol

/// What an operation is answered with over HTTP: the members of its frame; times are RFC 3339, as everywhere here.
enum AnswerDocument {
  private struct Opened: Encodable {
    var session: String
    var state: String
    var position: Int
    var etaMs: Int
    var etaLowMs: UInt64?
    var etaHighMs: UInt64?
    var agents: [String]
  }

  private struct Stored: Encodable {
    var session: String
    var seq: UInt64
    var time: String
  }

  private struct Done: Encodable {}

  static func response(to reply: Reply) throws -> Response {
    switch reply {
    case .opened(let summary):
      var response = try Response.json(
        Opened(
          session: summary.session.text, state: summary.state.rawValue, position: summary.position,
          etaMs: summary.etaMilliseconds, etaLowMs: summary.etaRange?.lowerBound,
          etaHighMs: summary.etaRange?.upperBound, agents: summary.agents.map(\.rawValue)),
        status: .created)
      response.headers[.location] = "/v1/sessions/\(summary.session.text)"
      return response
    case .acknowledged(let session, let sequence, let time):
      return try Response.json(
        Stored(session: session.text, seq: sequence.rawValue, time: Timestamp.text(time)), status: .created)
    case .done: return try Response.json(Done())
    case .failed(let failure): throw failure
    case .joined, .missed, .resumed, .gap, .history, .answer:
      // Of what is asked over WebSockets, or read by routes of its own.
      throw ProblemDetails.internalError
    }
  }
}
