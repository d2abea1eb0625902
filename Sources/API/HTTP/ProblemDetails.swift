import Desk
internal import Foundation
internal import Protocol

/// An error as RFC 9457 has it: `type` is `about:blank`, so `title` is the phrase of the status; programs look at
/// `code`.
struct ProblemDetails: Error, Sendable, Equatable {
  var status: Int
  var title: String
  /// Stable, for programs.
  var code: String
  /// For people: what is wrong and what to do.
  var detail: String
  var headers: [Header] = []

  struct Header: Sendable, Equatable {
    enum Name: String, Sendable {
      case allow, connection, upgrade
      case leader = "switchboard-leader"
      case retryAfter = "retry-after"
      case webSocketVersion = "sec-websocket-version"
      case wwwAuthenticate = "www-authenticate"
    }
    var name: Name
    var value: String
    init(_ name: Name, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  init(status: Int, title: String, code: String, detail: String, headers: [Header] = []) {
    self.status = status
    self.title = title
    self.code = code
    self.detail = detail
    self.headers = headers
  }

  static let contentType = "application/problem+json"

  private struct Document: Encodable {
    var type: String
    var title: String
    var status: Int
    var detail: String
    var code: String
  }

  var json: [UInt8] {
    let document = Document(
      type: "about:blank", title: title, status: status, detail: detail, code: code)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and a number can always be encoded.
    return Array((try? encoder.encode(document)) ?? Data("{\"status\":\(status)}".utf8))
  }
}

extension ProblemDetails {
  static func badRequest(_ detail: String, code: String = "bad_request") -> Self {
    Self(status: 400, title: "Bad Request", code: code, detail: detail)
  }
  static func unauthorized(_ detail: String) -> Self {
    Self(
      status: 401, title: "Unauthorized", code: "unauthorized", detail: detail,
      headers: [Header(.wwwAuthenticate, "Bearer realm=\"switchboard\"")])
  }
  static func forbidden(_ detail: String) -> Self {
    Self(status: 403, title: "Forbidden", code: "forbidden", detail: detail)
  }
  static func notFound(_ detail: String) -> Self {
    Self(status: 404, title: "Not Found", code: "not_found", detail: detail)
  }
  static func methodNotAllowed(_ detail: String, allow: String) -> Self {
    Self(
      status: 405, title: "Method Not Allowed", code: "method_not_allowed", detail: detail,
      headers: [Header(.allow, allow)])
  }
  static func tooLarge(_ detail: String, status: Int = 413) -> Self {
    Self(
      status: status, title: status == 431 ? "Request Header Fields Too Large" : "Content Too Large",
      code: "too_large", detail: detail)
  }
  static func upgradeRequired(_ detail: String, headers: [Header]) -> Self {
    Self(
      status: 426, title: "Upgrade Required", code: "upgrade_required", detail: detail, headers: headers)
  }
  static func unavailable(_ detail: String, code: String, retryAfterSeconds: Int) -> Self {
    Self(
      status: 503, title: "Service Unavailable", code: code, detail: detail,
      headers: [Header(.retryAfter, String(retryAfterSeconds))])
  }
  static var internalError: Self {
    Self(
      status: 500, title: "Internal Server Error", code: "internal",
      detail: "The request failed inside of the server; its log says more.")
  }

  /// The replica's failures, with the codes of the client protocol.
  init(_ failure: Failure) {
    let seconds = max(1, ((failure.retryAfterMilliseconds ?? 1000) + 999) / 1000)
    switch failure.code {
    case .badFrame, .unsupported: self = .badRequest(failure.message, code: failure.code.rawValue)
    case .unauthorized: self = .unauthorized(failure.message)
    case .forbidden: self = .forbidden(failure.message)
    case .notFound: self = .notFound(failure.message)
    case .sessionClosed, .conflict, .taken:
      self.init(status: 409, title: "Conflict", code: failure.code.rawValue, detail: failure.message)
    case .preconditionFailed:
      self.init(status: 412, title: "Precondition Failed", code: failure.code.rawValue, detail: failure.message)
    case .busy where failure.isOfAsker && failure.retryAfterMilliseconds == nil:
      self.init(status: 409, title: "Conflict", code: failure.code.rawValue, detail: failure.message)
    case .tooLarge: self = .tooLarge(failure.message)
    case .busy where failure.isOfAsker, .rateLimited:
      self.init(
        status: 429, title: "Too Many Requests", code: failure.code.rawValue, detail: failure.message,
        headers: [Header(.retryAfter, String(seconds))])
    case .busy, .noQuorum, .upgrading:
      self = .unavailable(failure.message, code: failure.code.rawValue, retryAfterSeconds: seconds)
    }
  }

  init(_ problem: TokenProblem) {
    switch problem {
    case .overloaded: self = .unavailable("\(problem)", code: "busy", retryAfterSeconds: 1)
    default:
      self = .unauthorized("\(problem)")
      if problem != .missing {
        headers = [Header(.wwwAuthenticate, "Bearer realm=\"switchboard\", error=\"invalid_token\"")]
      }
    }
  }
}
