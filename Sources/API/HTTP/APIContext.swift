internal import Desk
internal import Hummingbird
internal import NIOCore
internal import Protocol

/// What a request carries along beside itself.
struct APIContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  /// Who asks; nil without a token.
  var claims: Claims?
  /// Why the token of the request is not taken. Pages that are open do not ask for one, and whoever stands before them, a
  /// proxy for instance, may have put one there that is not for us.
  var refusal: (any Error)?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// Whoever has a token.
  /// - Throws: 401.
  func person() throws -> Person {
    guard let claims else { throw refusal ?? ProblemDetails(TokenProblem.missing) }
    return claims.person
  }

  /// The desk of whoever asks.
  var desk: DeskName { claims?.desk ?? .main }

  var isClusterAdmin: Bool { claims?.person.role == .admin && claims?.desk == nil }

  /// An admin of the cluster: one whose token names no desk.
  /// - Throws: 401 without a token, 403 for everybody else.
  func requireClusterAdmin() throws {
    try require(atLeast: .admin)
    guard claims?.desk == nil else {
      throw ProblemDetails.forbidden(
        "This is for admins of the cluster: those whose token names no `desk`. Yours does.")
    }
  }

  /// - Throws: 401 without a token, 403 when its role is lower.
  @discardableResult
  func require(atLeast role: UserRole) throws -> Person {
    let person = try person()
    guard person.role.rawValue >= role.rawValue else {
      let allowed = UserRole.allCases.filter { $0.rawValue >= role.rawValue }.map(\.name).joined(
        separator: ", ")
      throw ProblemDetails.forbidden("The role \"\(person.role.name)\" may not do this; allowed: \(allowed).")
    }
    return person
  }
}

/// Verifies the bearer token, if there is one. What may be done without is decided by each route.
struct AuthenticationMiddleware: RouterMiddleware {
  let tokens: TokenService

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    do {
      if let token = try UpgradeCheck.bearer(request.headers[.authorization]) {
        context.claims = try tokens.verify(token)
      }
    } catch {
      context.refusal = error
    }
    return try await next(request, context)
  }
}
