internal import Desk
internal import Hummingbird
internal import Kernel
internal import Protocol

/// What is read by declared queries, each under its own path: its fields are parameters, and `consistency`; a list goes on by
/// `cursor`. They pass the node as requests do, so that one budget bounds all reading.
struct QueryRoutes: RouteSet {
  let requests: HTTPRequests
  let limits: OperationLimits

  /// Those that a route with parameters of its own reads: `SessionRoutes`.
  static let types = Operations.queries.filter { $0.route?.method == .get }

  static let queries: [QueryRoute] = types.map { described($0) }

  private static func described<One: Query>(_ type: One.Type) -> QueryRoute { QueryWords<One>.route }

  var paths: [String] { Self.queries.map(\.path) }

  func add(to routes: some RouterMethods<APIContext>) {
    for type in Self.types { add(type, to: routes) }
  }

  private func add<One: Query>(_: One.Type, to routes: some RouterMethods<APIContext>) {
    let path = QueryWords<One>.route.path
    let words = path.split(separator: "/").map { $0.hasPrefix("{") ? ":" + $0.dropFirst().dropLast() : $0 }
    routes.get(RouterPath("/" + words.joined(separator: "/"))) { [requests, limits] request, context in
      let query = try QueryParameters(request.uri.query, QueryWords<One>.route.fields)
      let person = try context.person()
      try One.check(person.role)
      let typed = try QueryWords<One>(query, path: { context.parameters.get($0) ?? "" }, context.desk, person)
      var asker = Asker(
        requestID: "", role: person.role, entitlement: Entitlement(context.claims, limits.choices),
        bodyBytes: limits.bodyBytes)
      asker.isLocal = try query.value(.isLocal)
      let reply = try await requests.perform(
        try typed.query.request(by: asker), by: person, of: context.desk)
      guard case .answer(let answer) = reply, let record = answer.record as? One.Answer else {
        throw ProblemDetails.internalError
      }
      return try QueryDocument.response(record, next: typed.cursor(behind: record))
    }
  }
}

/// What a query is answered with over HTTP: the record that it declares, and `next` where a list goes on.
enum QueryDocument {
  static func response<Answer: AnswerRecord>(_ record: Answer, next: PageCursor?) throws -> Response {
    if let own = record as? OwnSessions { return try Response.json(OwnSessionsDocument(own, next: next)) }
    return Response.json(text: text(record, next: next))
  }

  static func text<Answer: AnswerRecord>(_ record: Answer, next: PageCursor?) -> String {
    let document = Answer.fields.json(of: record, asDocument: true)
    guard let next else { return document }
    return document.dropLast() + (document == "{}" ? "" : ",") + "\"next\":\(next.text.quotedJSON)}"
  }

  /// The members of its schema.
  static func schema<One: Query>(of type: One.Type) -> String {
    if type is Sessions.Type { return ##""$ref": "#/components/schemas/OwnSessions""## }
    let fields = One.Answer.fields.list
    let required = fields.filter(\.isRequired).map(\.name.quotedJSON).joined(separator: ", ")
    var properties = fields.map {
      #"\#($0.name.quotedJSON): {\#($0.documentSchema), "description": \#($0.about.quotedJSON)}"#
    }
    if type is any PagedQuery.Type { properties.append(##""next": {"$ref": "#/components/schemas/Next"}"##) }
    return
      #""type": "object", "required": [\#(required)], "properties": {\#(properties.joined(separator: ", "))}"#
  }
}
