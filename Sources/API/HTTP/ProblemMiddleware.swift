import Desk
internal import Hummingbird
internal import Logging
internal import Protocol

/// Turns every error into problem details (RFC 9457), also those of the router.
struct ProblemMiddleware: RouterMiddleware {
  let table: RouteTable

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as CancellationError {
      throw error
    } catch {
      let problem = problem(for: error, request)
      if problem.status == 500 {
        context.logger.error(
          "a request failed",
          metadata: [
            "path": "\(request.uri.path)", "method": "\(request.method.rawValue)", "error": "\(error)",
          ])
      }
      let response = Response(problem)
      return request.method == .head ? response.createHeadResponse() : response
    }
  }

  private func problem(for error: any Error, _ request: Request) -> ProblemDetails {
    switch error {
    case let problem as ProblemDetails: problem
    case let failure as Failure: ProblemDetails(failure)
    case let token as TokenProblem: ProblemDetails(token)
    case let error as any HTTPResponseError where error.status == .notFound: unknown(request)
    case let error as any HTTPResponseError:
      ProblemDetails(
        status: error.status.code, title: error.status.reasonPhrase, code: "bad_request",
        detail: "The request cannot be served: \(error.status.reasonPhrase).")
    default: .internalError
    }
  }

  /// The router knows no difference between a path that is not there and a method that is not.
  private func unknown(_ request: Request) -> ProblemDetails {
    let path = request.uri.path
    if let allow = table.allowedMethods(path) {
      return .methodNotAllowed(
        "\(request.method.rawValue.prefix(16)) is not possible here; allowed: \(allow).", allow: allow)
    }
    return .notFound("There is nothing at \"\(path.prefix(128))\"; /openapi.json lists what there is.")
  }
}

/// The paths that exist, as the routes were added.
struct RouteTable: Sendable {
  private var paths: [(words: [Substring], methods: String)] = []

  /// - Parameter methods: as the header `Allow` lists them.
  /// A path may come several times, with different methods.
  mutating func add(_ path: String, methods: String) {
    let words = path.split(separator: "/")
    if let place = paths.firstIndex(where: { $0.words == words }) {
      paths[place].methods += ", " + methods
    } else {
      paths.append((words, methods))
    }
  }

  /// - Returns: nil when there is no such path.
  func allowedMethods(_ path: String) -> String? {
    let words = path.split(separator: "/")
    let known = paths.first { known in
      known.words.count == words.count && zip(known.words, words).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
    return known?.methods
  }
}

extension Response {
  init(_ problem: ProblemDetails) {
    var headers = HTTPFields()
    headers[.contentType] = ProblemDetails.contentType
    headers[.cacheControl] = "no-store"
    for header in problem.headers {
      switch header.name {
      case .allow: headers[.allow] = header.value
      case .connection: headers[.connection] = header.value
      case .leader: if let name = HTTPFields.Element.Name("Switchboard-Leader") { headers[name] = header.value }
      case .retryAfter: headers[.retryAfter] = header.value
      case .upgrade: headers[.upgrade] = header.value
      case .webSocketVersion: headers[.secWebSocketVersion] = header.value
      case .wwwAuthenticate: headers[.wwwAuthenticate] = header.value
      }
    }
    self.init(
      status: .init(code: problem.status, reasonPhrase: problem.title), headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: problem.json)))
  }
}
