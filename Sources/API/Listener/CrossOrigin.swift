internal import NIOHTTP1

/// What pages of other origins are told (the Fetch standard, section 3.2): which answers they may read, and, asked before
/// a request is sent, whether it may be.
struct CrossOrigin: Sendable {
  let rules: OriginRules

  static let methods = "GET, HEAD, POST, PUT, DELETE"
  static let fields = "authorization, content-type, idempotency-key, if-none-match"
  /// What a page may read of the header of an answer, beyond what it always may.
  static let readable = "allow, date, etag, location, retry-after, switchboard-leader, www-authenticate"
  /// For how many seconds a browser need not ask again. Chromium believes two hours at the most.
  static let maximumAge = 7200

  /// Puts into an answer who may read it.
  func mark(_ headers: inout HTTPHeaders, for request: HTTPRequestHead?) {
    guard !rules.isEmpty else { return }
    if !rules.allowsAll { headers.add(name: "vary", value: "origin") }
    guard let origin = request.flatMap(origin(of:)), rules.allows(origin) else { return }
    headers.add(name: "access-control-allow-origin", value: rules.allowsAll ? "*" : origin)
    headers.add(name: "access-control-expose-headers", value: Self.readable)
  }

  enum Preflight {
    case allowed(HTTPHeaders)
    case refused(ProblemDetails)
  }

  /// - Returns: nil when it is a request like others, for its route.
  func preflight(_ request: HTTPRequestHead) -> Preflight? {
    guard request.method == .OPTIONS, let origin = origin(of: request),
      request.headers.contains(name: "access-control-request-method")
    else { return nil }
    guard rules.allows(origin) else {
      return .refused(
        .forbidden(
          "Pages of the origin \"\(origin.prefix(128))\" may not ask here; it is not in the allowed origins."))
    }
    return .allowed([
      "access-control-allow-methods": Self.methods, "access-control-allow-headers": Self.fields,
      "access-control-max-age": String(Self.maximumAge),
      "vary": "access-control-request-method, access-control-request-headers",
    ])
  }

  private func origin(of request: HTTPRequestHead) -> String? {
    let origins = request.headers["origin"]
    return origins.count == 1 ? origins[0] : nil
  }
}
