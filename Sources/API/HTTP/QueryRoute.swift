internal import Desk

/// What is read under one path, declared once beside its route: `/openapi.json` and the reference are made from it.
struct QueryRoute: Sendable {
  /// Who may read it.
  enum Readers: Sendable {
    /// Without a token.
    case anybody
    /// Agents, supervisors and admins; anybody where the status is open (`client.open_status`).
    case staffUnlessOpen
    case admins
    /// Who the declaration says.
    case roles(Roles)
    /// Those who take part in the session, supervisors and admins.
    case ofSession
  }

  /// What is answered when all is well.
  struct Answer: Sendable {
    var about: String
    var type = "application/json"
    /// The members of its JSON Schema, without the braces; nil: it is no document.
    var schema: String?
    var hasTag = false

    static func document(_ name: String, _ about: String, hasTag: Bool = false) -> Answer {
      Answer(about: about, schema: ##""$ref": "#/components/schemas/\##(name)""##, hasTag: hasTag)
    }

    static func text(_ about: String) -> Answer {
      Answer(about: about, type: "text/plain", schema: #""type": "string""#)
    }
  }

  struct HeaderField: Sendable {
    var name: String
    var about: String
  }

  var path: String
  /// `operationId` of the description.
  var name: String
  var tag: String
  var summary: String
  var about = ""
  var readers: Readers
  var fields: [any DescribedQueryField] = []
  /// What stands in the path, beside `{session}`.
  var wordsInPath: [any DescribedQueryField] = []
  var headers: [HeaderField] = []
  var answer: Answer
  /// Whether a parameter may name what is not there.
  var mayMiss = false
  /// What 503 says besides, as text of the same type; nil: problem details as everywhere.
  var unready: String?
}

extension QueryRoute.Readers {
  var text: String {
    switch self {
    case .anybody: "For anybody; no token is looked at."
    case .staffUnlessOpen:
      "For agents, supervisors and admins; without a token where the node is configured so."
    case .admins: "For admins."
    case .roles(.everybody): "For everybody with a token."
    case .roles(let roles): "For \(roles.text)."
    case .ofSession: "For the session's customer, its agents, supervisors and admins."
    }
  }

  var needsToken: Bool { if case .anybody = self { false } else { true } }

  /// Whether somebody with a token may be refused.
  var mayForbid: Bool {
    switch self {
    case .anybody, .roles(.everybody): false
    case .staffUnlessOpen, .admins, .roles, .ofSession: true
    }
  }
}
