package import Desk
internal import Hummingbird
import Protocol

/// The operations that are declared for HTTP, each under its own route. What only reads has
/// routes that name how fresh the answer has to be: `QueryRoutes`, `SessionRoutes`.
struct OperationRoutes: RouteSet {
  let requests: HTTPRequests
  let limits: OperationLimits

  static let operations = Operations.all.filter { $0.route?.method == .post }

  var paths: [String] { Self.operations.compactMap { $0.route?.path } }
  func methods(of path: String) -> String { "POST" }

  func add(to routes: some RouterMethods<APIContext>) {
    for operation in Self.operations { Self.add(operation, to: routes, requests, limits) }
  }

  private static func add<One: ClientOperation>(
    _ operation: One.Type, to routes: some RouterMethods<APIContext>, _ requests: HTTPRequests,
    _ limits: OperationLimits
  ) {
    guard let route = operation.route else { return }
    let path = route.path.split(separator: "/").map { $0.hasPrefix("{") ? ":" + $0.dropFirst().dropLast() : $0 }
    routes.post(RouterPath("/" + path.joined(separator: "/"))) { request, context in
      let person = try context.person()
      let fields = One.fields.list
      _ = try QueryParameters(request.uri.query, allowed: [])
      let isOfSession = One.self is any SessionOperation.Type
      try EntityTag.refuseCondition(request.headers, matches: isOfSession)
      let id = try IdempotencyKey.read(request.headers, length: limits.idLength)
      var words: [String: String] = [:]
      for field in route.fields { words[field] = context.parameters.get(field) ?? "" }
      let body = try await request.body.collect(upTo: RequestReader.bodyBytes)
      let text = try OperationBody.text(Array(body.readableBytesView), path: words, of: fields)
      var asker = Asker(
        requestID: id, role: person.role, entitlement: Entitlement(context.claims, limits.choices),
        bodyBytes: limits.bodyBytes)
      asker.stays = false
      if isOfSession { asker.expectation = try SessionTag.expectation(request.headers) }
      let asked = text.withUnsafeBytes { text -> Result<DeskRequest, Failure> in
        do throws(Failure) {
          return .success(try One.request(text, role: person.role, by: asker))
        } catch { return .failure(error) }
      }
      return try AnswerDocument.response(
        to: try await requests.perform(
          try asked.get(), by: person, of: context.desk))
    }
  }
}

/// What clients may say over HTTP, as over WebSockets.
package struct OperationLimits: Sendable {
  /// Bytes of a message's body; 0: no limit but that of a request.
  package var bodyBytes = GatewayLimits().bodyBytes
  /// Characters of an `Idempotency-Key`; 0: no limit.
  package var idLength = GatewayLimits().idLength
  package var choices = ClientChoices()
  package init() {}
}

extension Entitlement {
  init(_ claims: Claims?, _ choices: ClientChoices) {
    self.init(
      priority: claims?.priority, skills: claims?.skills, capacity: claims?.capacity, choices: choices,
      isOfCluster: claims?.desk == nil)
  }
}
