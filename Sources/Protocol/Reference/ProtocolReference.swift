internal import Desk
internal import Kernel

/// The part of the documents that follows from the declarations: every request with its fields, what is kept with sessions, every
/// event that is declared, and every error. `switchboard reference` prints it; docs/protocol-reference.md is that text.
package enum ProtocolReference {
  package static var text: String {
    var lines = [
      "# Protocol reference", "",
      "Made from the declarations by `switchboard reference`, and not written by hand. [The protocol](protocol.md) says how "
        + "requests, answers and events go together.", "",
      "## Requests", "",
    ]
    for operation in Operations.all { lines += describe(operation) }
    lines += ["## What operations keep with a session", ""]
    lines += ["Members of `GET /v1/sessions/{session}`, when there is anything.", ""]
    for (_, facet) in Facets.all.sorted(by: { $0.key < $1.key }) {
      lines += ["### `\(facet.name)`", ""] + fields(of: facet) + [""]
    }
    lines += ["## Events", ""]
    lines += ["Frames `{\"type\":\"event\",\"session\":...,\"kind\":...}` for all who follow the session.", ""]
    for (_, news) in NewsRecord.all.sorted(by: { $0.key < $1.key }) {
      lines += ["### `\(news.name)`", "", "\(news.summary) In binary frames kind \(news.number).", ""]
      lines += newsFields(of: news) + [""]
    }
    lines += ["## What happens in a desk", ""]
    lines += [
      "Events of `GET /v1/events` for who follows a desk. Each is an object with `time`, `session` where it is about one, and "
        + "these members.", "",
    ]
    for news in Events.ofDesks {
      lines += ["### `\(news.name)` of a desk", "", news.summary, ""] + documentFields(of: news) + [""]
    }
    lines += binaryFrames
    lines += ["## Errors", "", "| code | what it means | what to do |", "|---|---|---|"]
    lines += Failure.Code.allCases.map { "| `\($0.rawValue)` | \($0.meaning) | \($0.remedy) |" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func describe<One: ClientOperation>(_ type: One.Type) -> [String] {
    var facts = ["For \(type.allowed.text)."]
    if let route = type.route {
      facts.append("Over HTTP: `\(route.method.rawValue) \(route.path)`.")
    } else {
      facts.append("It belongs to a connection: not over HTTP.")
    }
    if let operation = type as? any SessionOperation.Type {
      let isNew = operation.since > .second
      facts.append("Done once for an `id`.")
      if isNew {
        facts.append("From format level \(operation.since) on (release \(operation.since.release ?? "")).")
      }
    } else if type.isRemembered {
      facts.append("Done once for an `id`, which it needs.")
    }
    facts.append(answer(of: type) ?? type.answer.text)
    facts.append("Binary frame \(type.frameType).")
    var lines = ["### `\(type.name)`", "", type.summary + ".", ""]
    if !type.about.isEmpty { lines += [type.about, ""] }
    return lines + [facts.joined(separator: " "), ""] + table(type.fields.list + beside(type)) + [""]
  }

  /// What frames may say beside its fields.
  private static func beside(_ type: any ClientOperation.Type) -> [FieldDescription] {
    type is any SessionOperation.Type ? Expecting.fields.list : []
  }

  /// nil: it is no query.
  private static func answer<One: ClientOperation>(of type: One.Type) -> String? {
    func name<Asked: Query>(_: Asked.Type) -> String { "Answered `\(Asked.Answer.name)`." }
    return (type as? any Query.Type).map { name($0) }
  }

  private static func fields<Facet: SessionFacet>(of type: Facet.Type) -> [String] { table(type.fields.list) }

  private static func newsFields<News: SessionNews>(of type: News.Type) -> [String] {
    table(type.fields.list)
  }

  /// As HTTP writes them.
  private static func documentFields<News: DeskNews>(of type: News.Type) -> [String] {
    ["| member | | JSON schema | meaning |", "|---|---|---|---|"]
      + type.fields.list.map { field in
        let schema = "{\(field.documentSchema)}".replacing(character: "|", with: "\\|")
        return "| `\(field.name)` | \(field.isRequired ? "always" : "") | `\(schema)` | \(field.about) |"
      }
  }

  private static func table(_ fields: [FieldDescription]) -> [String] {
    ["| field | number | | JSON schema | binary form | meaning |", "|---|---|---|---|---|---|"]
      + fields.map { field in
        let schema = "{\(field.schema)}".replacing(character: "|", with: "\\|")
        return "| `\(field.name)` | \(field.number) | \(field.isRequired ? "needed" : "") | `\(schema)` | "
          + "\(field.form) | \(field.about) |"
      }
  }

  // MARK: Binary frames

  private static var binaryFrames: [String] {
    var lines = ["## Binary frames", ""]
    lines += [
      "Their types; [the protocol](protocol.md#binary-frames) says how they are written. Fields of requests and events: above.",
      "", "| type | frame |", "|---|---|",
    ]
    var types = BinaryFrameType.allCases.map { ($0.rawValue, $0.name) }
    types += Operations.all.map { ($0.frameType, "\($0.name)") }
    types += Operations.answers.map { ($0.frameType, "\($0.name)") }
    lines += types.sorted { $0.0 < $1.0 }.map { "| \($0.0) | `\($0.1)` |" }
    lines += ["", "### `hello`", ""] + plainTable(HelloRecord.fields.list)
    lines += ["", "### `received`", ""] + plainTable(Received.fields.list)
    for type in ServerFrameList.all { lines += ["", "### `\(type.type.name)`", ""] + frameFields(of: type) }
    for type in Operations.answers { lines += ["", "### `\(type.name)`", ""] + answerFields(of: type) }
    lines += ["", "### `event`", "", "| field | number | | binary form | meaning |", "|---|---|---|---|---|"]
    lines += [
      "| `session` | 1 | needed | varint | Which one. |",
      "| `kind` | 2 | needed | varint | See [events](#events). |",
      "| | 3 | needed | record | The fields of that kind. |", "",
    ]
    return lines
  }

  private static func frameFields<Frame: ServerFrame>(of _: Frame.Type) -> [String] {
    plainTable(Frame.fields.list)
  }

  private static func answerFields<Answer: AnswerRecord>(of _: Answer.Type) -> [String] {
    plainTable(Answer.fields.list)
  }

  private static func plainTable(_ fields: [FieldDescription]) -> [String] {
    ["| field | number | | binary form | meaning |", "|---|---|---|---|---|"]
      + fields.map { field in
        "| `\(field.name)` | \(field.number) | \(field.isRequired ? "needed" : "") | \(field.form) | "
          + "\(field.about) |"
      }
  }
}

extension AnswerKind {
  fileprivate var text: String {
    switch self {
    case .opened: "Answered `opened`."
    case .joined: "Answered `joined`."
    case .ack: "Answered `ack`: a quorum has it on disk."
    case .ok: "Answered `ok`."
    case .history: "Answered `history`."
    case .record: "Answered with a record."
    case .nothing: "Not answered."
    }
  }
}

extension String {
  /// Of the standard library alone: what has a name for this is Foundation's.
  fileprivate func replacing(character: Character, with text: String) -> String {
    map { $0 == character ? text : String($0) }.joined()
  }
}
