import Kernel
internal import Protocol

/// What is read, described as it is declared.
extension OpenAPIDocument {
  static let queries: [QueryRoute] =
    ClusterRoutes.queries + [EventRoutes.query] + QueryRoutes.queries + SessionRoutes.queries + [
      MetricsRoutes.query
    ]
    + HealthRoutes.queries + [DescriptionRoutes.query]

  /// Paths under which something is read, with what else may be asked there.
  static var queryPaths: String {
    let paths = queries.map { query in
      let others = [post(query.path), otherMethods[query.path] ?? ""].filter { !$0.isEmpty }
      return "\(query.path.quotedJSON): {" + ([get(query)] + others).joined(separator: ",\n") + "}"
    }
    return "{" + paths.joined(separator: ",\n") + "}"
  }

  private static func get(_ query: QueryRoute) -> String {
    let about = [query.about, query.readers.text].filter { !$0.isEmpty }.joined(separator: " ")
    let security =
      switch query.readers {
      case .anybody: #""security": [{}], "#
      case .staffUnlessOpen: #""security": [{"bearer": []}, {}], "#
      case .admins, .roles, .ofSession: ""
      }
    return ##"""
      "get": {"tags": [\##(query.tag.quotedJSON)], "operationId": \##(query.name.quotedJSON), \##(security)"summary":
      \##(query.summary.quotedJSON), "description": \##(about.quotedJSON),
      "parameters": [\##(parameters(query).joined(separator: ",\n"))],
      "responses": {\##(answers(query).joined(separator: ",\n"))}}
      """##
  }

  private static func parameters(_ query: QueryRoute) -> [String] {
    let isOfSession = query.path.contains("{session}")
    let headers = query.headers.map { field in
      #"{"name": \#(field.name.quotedJSON), "in": "header", "description": \#(field.about.quotedJSON), "#
        + #""schema": {"type": "string"}}"#
    }
    return (isOfSession ? [##"{"$ref": "#/components/parameters/Session"}"##] : [])
      + query.wordsInPath.map(\.descriptionInPath) + headers + query.fields.map(\.description)
  }

  private static func answers(_ query: QueryRoute) -> [String] {
    let answer = query.answer
    let schema = answer.schema.map { #"{"schema": {\#($0)}}"# } ?? "{}"
    let tag = answer.hasTag ? ##""headers": {"ETag": {"$ref": "#/components/headers/ETag"}}, "## : ""
    var answers = [
      #""200": {"description": \#(answer.about.quotedJSON), \#(tag)"content": {\#(answer.type.quotedJSON): \#(schema)}}"#
    ]
    if answer.hasTag {
      answers.append(
        ##""304": {"description": "It is as you have it.", "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}"##
      )
    }
    // Those of the health of the node are let in always.
    let isProbe = RequestRules.isProbe(path: query.path)
    let problems: [(status: Int, name: String, isGiven: Bool)] = [
      (400, "BadRequest", true), (401, "Unauthorized", query.readers.needsToken),
      // Whoever has no part in a session may not read it, whatever their role.
      (403, "Forbidden", query.readers.mayForbid || query.path.contains("{session}")),
      (404, "NotFound", query.path.contains("{") || query.mayMiss),
      (414, "TargetTooLong", true), (429, "TooManyRequests", !isProbe),
      (503, "Unavailable", !isProbe && query.unready == nil),
    ]
    answers += problems.filter(\.isGiven).map {
      ##""\##($0.status)": {"$ref": "#/components/responses/\##($0.name)"}"##
    }
    if let unready = query.unready {
      answers.append(
        #""503": {"description": \#(unready.quotedJSON), "content": {\#(answer.type.quotedJSON): \#(schema)}}"#)
    }
    return answers
  }
}

/// The part of the reference that is read over HTTP alone; `ProtocolReference` has the rest.
package enum HTTPReference {
  package static var text: String {
    var lines = [
      "", "## What is read over HTTP", "",
      "Beside what has a frame, or with more parameters than it. `/openapi.json` has the answers.", "",
    ]
    for query in OpenAPIDocument.queries {
      lines += ["### `GET \(query.path)`", "", query.summary + ".", ""]
      if !query.about.isEmpty { lines += [query.about, ""] }
      lines += [query.readers.text, ""]
      guard !query.fields.isEmpty else { continue }
      lines += ["| parameter | JSON schema | meaning |", "|---|---|---|"]
      lines += query.fields.map { field in
        let schema = "{\(field.schema)}".replacing("|", with: "\\|")
        return "| `\(field.name)` | `\(schema)` | \(field.about) |"
      }
      lines.append("")
    }
    lines += statusRecords
    lines += metrics
    return lines.dropLast().joined(separator: "\n") + "\n"
  }

  /// What the status of a cluster says.
  private static var statusRecords: [String] {
    var lines = ["## The status of a cluster", "", "The members of `GET /v1/cluster/status`.", ""]
    for record in ClusterStatus.all {
      lines += ["### `\(record.title)` of a status", ""] + record.reference + [""]
    }
    return lines
  }

  /// What `GET /metrics` says, by a page that has everything.
  private static var metrics: [String] {
    [
      "## Metrics", "", "Of `GET /metrics`, as every node has them.", "", "| name | type | meaning |",
      "|---|---|---|",
    ]
      + MetricsPage.described.map { "| `\($0.name)` | \($0.kind.rawValue) | \($0.help) |" } + [""]
  }
}
