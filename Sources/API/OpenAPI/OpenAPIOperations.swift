import Desk
import Kernel
internal import Protocol

/// The operations that change something, described as they are declared.
extension OpenAPIDocument {
  /// Paths with nothing to read under them.
  static var operationPaths: String {
    let paths = OperationRoutes.operations.compactMap { type in
      type.route.flatMap { readPaths.contains($0.path) ? nil : "\($0.path.quotedJSON): {\(post($0.path))}" }
    }
    return "{" + paths.joined(separator: ",\n") + "}"
  }

  /// The paths that stand in `queryPaths`, since something is read there.
  private static let readPaths = Set(queries.map(\.path))

  /// The member `post` of a path.
  static func post(_ path: String) -> String {
    guard let type = OperationRoutes.operations.first(where: { $0.route?.path == path }) else { return "" }
    return #""post": "# + describe(type)
  }

  private static func describe<One: ClientOperation>(_ type: One.Type) -> String {
    let inPath = Set(type.route?.fields ?? [])
    let fields = type.fields.list
    var parameters = fields.filter { inPath.contains($0.name) }.map { field in
      """
      {"name": \(field.name.quotedJSON), "in": "path", "required": true, "description": \(field.about.quotedJSON), \
      "schema": {\(field.schema)}}
      """
    }
    if type.isRemembered { parameters.append(##"{"$ref": "#/components/parameters/IdempotencyKey"}"##) }
    let isOfSession = type is any SessionOperation.Type
    if isOfSession { parameters.append(##"{"$ref": "#/components/parameters/IfMatch"}"##) }
    // The header names a version of a session; that of anything else is a member.
    let isConditional = isOfSession || fields.contains { $0.name == "expecting" }
    let unmet =
      isConditional ? ##""412": {"$ref": "#/components/responses/PreconditionFailed"}, "## : ""
    let members = fields.filter { !inPath.contains($0.name) }
    let required = members.filter(\.isRequired).map(\.name.quotedJSON).joined(separator: ", ")
    let properties = members.map {
      #"\#($0.name.quotedJSON): {\#($0.schema), "description": \#($0.about.quotedJSON)}"#
    }
    let about = [type.about, "For \(type.allowed.text)."].filter { !$0.isEmpty }.joined(separator: " ")
    return ##"""
      {"tags": ["sessions"], "operationId": "\##(type.name)", "summary": \##(type.summary.quotedJSON),
      "description": \##(about.quotedJSON), "parameters": [\##(parameters.joined(separator: ", "))],
      "requestBody": {"required": \##(!required.isEmpty), "content": {"application/json": {"schema": {"type": "object",
      "additionalProperties": false, "required": [\##(required)], "properties": {\##(properties.joined(separator: ", "))}}}}},
      "responses": {\##(answer(type.answer)),
      "400": {"$ref": "#/components/responses/BadRequest"}, "401": {"$ref": "#/components/responses/Unauthorized"},
      "403": {"$ref": "#/components/responses/Forbidden"}, "404": {"$ref": "#/components/responses/NotFound"},
      "409": {"$ref": "#/components/responses/Conflict"}, \##(unmet)"413": {"$ref": "#/components/responses/TooLarge"},
      "414": {"$ref": "#/components/responses/TargetTooLong"},
      "429": {"$ref": "#/components/responses/TooManyRequests"},
      "503": {"$ref": "#/components/responses/Unavailable"}}}
      """##
  }

  /// Those that HTTP alone has.
  private static let codesOfHTTP = [
    "bad_request", "method_not_allowed", "upgrade_required", "internal", "not_leader", "other_node",
    "no_leader",
    "refused", "tls_required",
  ]

  /// The codes of the protocol, and those that HTTP alone has.
  static var errorCodes: String {
    let codes = codesOfHTTP + Failure.Code.allCases.map(\.rawValue)
    let meanings = Failure.Code.allCases.map { "\($0.rawValue): \($0.meaning)" }
    let about = "Stable. " + meanings.joined(separator: " ")
    return
      #""description": \#(about.quotedJSON), "enum": [\#(codes.map(\.quotedJSON).joined(separator: ", "))]"#
  }

  /// What operations keep with a session, as members of its document.
  static var facetProperties: String {
    var text = ""
    for (_, facet) in Facets.all.sorted(by: { $0.key < $1.key }) { text += ",\n" + describe(facet: facet) }
    return text
  }

  private static func describe<Facet: SessionFacet>(facet: Facet.Type) -> String {
    let members = Facet.fields.list
    let required = members.filter(\.isRequired).map(\.name.quotedJSON).joined(separator: ", ")
    let properties = members.map {
      #"\#($0.name.quotedJSON): {\#($0.schema), "description": \#($0.about.quotedJSON)}"#
    }
    return ##"""
      "\##(Facet.name)": {"type": "object", "required": [\##(required)],
      "properties": {\##(properties.joined(separator: ", "))}}
      """##
  }

  /// The schema of a record, as it is declared.
  static func schema<Root>(_ fields: Fields<Root>) -> String {
    let members = fields.list
    let required = members.filter(\.isRequired).map(\.name.quotedJSON).joined(separator: ", ")
    let properties = members.map {
      #"\#($0.name.quotedJSON): {\#($0.schema), "description": \#($0.about.quotedJSON)}"#
    }
    return
      #"{"type": "object", "required": [\#(required)], "properties": {\#(properties.joined(separator: ", "))}}"#
  }

  private static func answer(_ kind: AnswerKind) -> String {
    let (status, description, schema) =
      switch kind {
      case .opened: (201, "It is open; a repetition with the same key is answered alike.", "Opened")
      case .ack: (201, "It is stored; a repetition with the same key is answered alike.", "Stored")
      case .ok, .joined, .history, .record, .nothing: (200, "It is done.", "Done")
      }
    return ##"""
      "\##(status)": {"description": \##(description.quotedJSON), "content": {"application/json": {"schema":
      {"$ref": "#/components/schemas/\##(schema)"}}}}
      """##
  }
}
