internal import Kernel

extension FieldType {
  /// A record within a record of which every member has to be known: what is misspelt, or of a later release, would be taken
  /// for left out.
  /// - Parameter name: of the field that holds it.
  static func strict(_ fields: Fields<Value>, _ name: String) -> Self {
    let record = FieldType.record(fields)
    let known = fields.list.map(\.name)
    return FieldType(
      schema: record.schema + #", "additionalProperties": false"#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        try checkMembers(of: value, in: text, known, name)
        return try record.read(value, text)
      },
      write: record.write, form: record.form,
      hear: { (reader) throws(FieldFault) in
        let start = reader
        // What this release does not know is refused here, and bounds are kept below.
        do throws(DecodingFailure) { _ = try record.form.decode(&reader) } catch { throw FieldFault(error) }
        reader = start
        return try record.hear(&reader)
      },
      sample: record.sample
    ).shown(
      record.document.map {
        DocumentForm(schema: $0.schema + #", "additionalProperties": false"#, write: $0.write)
      })
  }

  private static func checkMembers(
    of value: JSONValue, in text: UnsafeRawBufferPointer, _ known: [String], _ name: String
  ) throws(FieldFault) {
    guard value.kind == .object else { throw .malformed("must be an object") }
    let raw = value.raw(in: text)
    var reader = JSONReader(raw)
    var seen: [String] = []
    var fault: Failure?
    do throws(JSONFault) {
      try reader.members(depth: 2) { member, _ in
        guard fault == nil else { return }
        let word = member.string(in: raw) ?? ""
        if !known.contains(where: { $0.hasSameBytes(as: word) }) {
          let shown = String(String.UnicodeScalarView(word.unicodeScalars.prefix(40)))
          fault = Failure(
            .badFrame,
            "`\(name).\(shown)` is not known to this release; known: \(known.joined(separator: ", ")).")
        } else if seen.contains(where: { $0.hasSameBytes(as: word) }) {
          fault = Failure(.badFrame, "`\(name).\(word)` comes twice.")
        }
        seen.append(word)
      }
    } catch { throw .malformed("must be an object") }
    if let fault { throw .failure(fault) }
  }
}

extension FieldType where Value == Policy.Algorithm {
  static var algorithm: Self { .named(Policy.Algorithm.allCases, { $0.name }, number: { $0.rawValue }) }
}

extension FieldType where Value == Policy.Accept {
  static var accept: Self { .named(Policy.Accept.allCases, { $0.name }, number: { $0.rawValue }) }
}

extension FieldType where Value == QueueLimit.OnFull {
  static var onFull: Self { .named(QueueLimit.OnFull.allCases, { $0.name }, number: { $0.rawValue }) }
}

extension FieldType where Value == [AgentID] {
  /// Each once, in the order of their ids.
  static var agentNames: Self {
    let names = FieldType<[String]>.list(of: .name(128), upTo: Policy.mostNamed)
    return FieldType(
      schema: names.schema, spelling: .words,
      read: { (value, text) throws(FieldFault) in sorted(try names.read(value, text)) },
      write: { names.write($0.map(\.rawValue), &$1) },
      form: BinaryForm(
        names.form.name, encode: { names.form.encode($0.map(\.rawValue), &$1) },
        decode: { (reader) throws(DecodingFailure) in try names.form.decode(&reader).map { AgentID($0) } }),
      hear: { (reader) throws(FieldFault) in sorted(try names.hear(&reader)) },
      sample: { sorted(["n\($0.next() % 9)", "m\($0.next() % 9)"]) })
  }

  private static func sorted(_ names: [String]) -> [AgentID] {
    var list: [AgentID] = []
    for agent in names.map({ AgentID($0) }).sorted() where list.last != agent { list.append(agent) }
    return list
  }
}
