internal import Kernel

extension FieldType where Value == SessionID {
  package static var session: Self {
    FieldType(
      schema: #""type": "string", "pattern": "^[1-9][0-9]{0,19}$""#, spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard value.kind == .string else { throw .malformed("must be a string") }
        let id =
          value.isEscaped
          ? SessionID(text: value.string(in: text) ?? "") : SessionID(bytes: value.raw(in: text))
        guard let id else { throw noSession }
        return id
      },
      write: { $1.write(json: $0) }, form: .session,
      check: { (id) throws(FieldFault) in
        // No session has this number, and no text says it.
        if id.rawValue == 0 { throw noSession }
        return id
      }, sample: { SessionID(rawValue: 1 + $0.next() % (1 << 60)) })
  }

  private static var noSession: FieldFault { .failure(Failure(.notFound, "There is no such session.")) }
}

extension FieldType where Value == String {
  /// What is said to people.
  /// - Parameter limit: bytes of UTF-8.
  package static func text(_ limit: Int) -> Self {
    FieldType(
      schema: #""type": "string", "maxLength": \#(limit)"#, spelling: .text,
      read: { (value, text) throws(FieldFault) in try bounded(word(value, in: text), limit) },
      write: { $1.write(json: $0) }, form: .text,
      check: { (word) throws(FieldFault) in try bounded(word, limit) }, sample: { randomText(&$0, limit) })
  }

  /// By which somebody or something is known: without what would make one name look like another.
  /// - Parameter limit: bytes of UTF-8.
  package static func name(_ limit: Int, mayBeEmpty: Bool = false) -> Self {
    FieldType(
      schema: #""type": "string", \#(mayBeEmpty ? "" : "\"minLength\": 1, ")"maxLength": \#(limit)"#,
      spelling: .text,
      read: { (value, text) throws(FieldFault) in
        try named(word(value, in: text), limit, mayBeEmpty)
      },
      write: { $1.write(json: $0) }, form: .text,
      check: { (word) throws(FieldFault) in try named(word, limit, mayBeEmpty) },
      sample: { "n" + String($0.next() % 1000) })
  }

  private static func word(_ value: JSONValue, in text: UnsafeRawBufferPointer) throws(FieldFault) -> String {
    guard let word = value.string(in: text) else { throw .malformed("must be a string") }
    return word
  }

  private static func bounded(_ word: String, _ limit: Int) throws(FieldFault) -> String {
    if word.utf8.count > limit { throw .tooLarge("has more than \(limit) bytes") }
    return word
  }

  private static func named(_ word: String, _ limit: Int, _ mayBeEmpty: Bool) throws(FieldFault) -> String {
    let name = try bounded(word, limit)
    if let fault = NameFault.inIdentity(name) { throw .malformed("\(fault)") }
    if name.isEmpty, !mayBeEmpty { throw .malformed("must not be empty") }
    return name
  }
}

extension FieldType where Value == [UInt8] {
  /// What a message says, as UTF-8. Its limit is configuration: see `GatewayLimits.bodyBytes`.
  package static var body: Self {
    FieldType(
      schema: #""type": "string""#, spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let bytes = value.bytes(in: text) else {
          throw .malformed("must be a string; put structured data into it as JSON text")
        }
        return bytes
      },
      write: { body, writer in body.withUnsafeBytes { writer.write(json: $0) } }, form: .bytes,
      check: { (bytes) throws(FieldFault) in
        let isText = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self).hasBytes($0) }
        guard isText else { throw .malformed("must be a string; put structured data into it as JSON text") }
        return bytes
      },
      sample: { Array(randomText(&$0, 200).utf8) })
  }
}

extension FieldType where Value == UInt64 {
  package static var number: Self {
    FieldType(
      schema: #""type": "integer", "minimum": 0"#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard let number = value.unsigned(in: text) else {
          throw .malformed("must be a whole number from 0 on")
        }
        return number
      },
      write: { $1.write(decimal: $0) }, form: .number, check: { $0 },
      sample: { $0.next() >> ($0.next() % 64) })
  }
}

extension FieldType where Value == UInt64 {
  /// ms since 1970; RFC 3339 in documents over HTTP.
  package static var time: Self {
    // Beyond the year 9999 that form ends.
    let last: UInt64 = 253_402_300_799_999
    return number.shown(
      DocumentForm(schema: #""type": "string", "format": "date-time""#) { time, writer in
        writer.write(json: TimeText.rfc3339(min(time, last)))
      })
  }
}

extension FieldType where Value == Int {
  /// How many elements a list has. More than `most` means `most`.
  static func count(upTo most: Int) -> Self {
    FieldType(
      schema: #""type": "integer", "minimum": 1"#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard let number = value.unsigned(in: text) else {
          throw .malformed("must be a whole number from 0 on")
        }
        return try counted(number, most)
      },
      write: { $1.write(decimal: $0) }, form: .count,
      check: { (count) throws(FieldFault) in try counted(UInt64(count), most) },
      sample: { 1 + Int($0.next() % UInt64(most)) }
    ).shown(nil, most: most)
  }

  private static func counted(_ number: UInt64, _ most: Int) throws(FieldFault) -> Int {
    guard number >= 1 else { throw .malformed("must be from 1 to \(most)") }
    return Int(min(number, UInt64(most)))
  }
}

extension FieldType where Value == Sequence {
  package static var sequence: Self {
    let number = FieldType<UInt64>.number
    return FieldType(
      schema: number.schema, spelling: .json,
      read: { (value, text) throws(FieldFault) in Sequence(try number.read(value, text)) },
      write: { $1.write(decimal: $0.rawValue) }, form: .sequence, check: { $0 },
      sample: { Sequence(number.sample(&$0)) })
  }
}

extension FieldType where Value == Int32 {
  package static var priority: Self {
    FieldType(
      schema: #""type": "integer", "minimum": \#(Int32.min), "maximum": \#(Int32.max)"#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard let number = value.signed(in: text) else { throw .malformed("must be a whole number of 32 bits") }
        return number
      },
      write: { number, writer in
        if number < 0 { writer.write(literal: "-") }
        writer.write(decimal: UInt64(number.magnitude))
      },
      form: .signed, check: { $0 },
      sample: { Int32(truncatingIfNeeded: $0.next()) })
  }
}

extension FieldType where Value == UInt32 {
  package static func amount(upTo most: UInt32) -> Self { .amount(0...most) }

  package static func amount(_ range: ClosedRange<UInt32>) -> Self {
    let (least, most) = (range.lowerBound, range.upperBound)
    return FieldType(
      schema: #""type": "integer", "minimum": \#(least), "maximum": \#(most)"#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard let number = value.unsigned(in: text), number >= least, number <= most else {
          throw .malformed("must be a whole number from \(least) to \(most)")
        }
        return UInt32(number)
      },
      write: { $1.write(decimal: UInt64($0)) }, form: .amount,
      check: { (number) throws(FieldFault) in
        guard range.contains(number) else {
          throw .malformed("must be a whole number from \(least) to \(most)")
        }
        return number
      },
      sample: { least + UInt32($0.next() % (UInt64(most - least) + 1)) })
  }
}

extension FieldType where Value == Bool {
  package static var flag: Self {
    FieldType(
      schema: #""type": "boolean""#, spelling: .json,
      read: { (value, _) throws(FieldFault) in
        switch value.kind {
        case .yes: return true
        case .no: return false
        case .absent, .null, .number, .string, .object, .array: throw .malformed("must be true or false")
        }
      },
      write: { $1.write(literal: $0 ? "true" : "false") }, form: .flag, check: { $0 },
      sample: { $0.next() % 2 == 0 })
  }
}

extension FieldType where Value == AgentStatus {
  static var status: Self { .named(AgentStatus.allCases, { $0.name }, number: { $0.rawValue }) }
}

extension FieldType where Value == DeskName {
  static var desk: Self {
    FieldType(
      schema: #""type": "string", "pattern": "^[a-z][a-z0-9-]{0,\#(DeskName.mostBytes - 1)}$""#,
      spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let word = value.string(in: text), let name = DeskName(word) else {
          throw .malformed("must be \(DeskName.rule)")
        }
        return name
      },
      write: { $1.write(json: $0.text) }, form: .desk, check: { $0 },
      sample: { DeskName("d\($0.next() % 5)") ?? .main })
  }
}

/// Letters of several scripts, what JSON escapes, and an emoji.
private func randomText(_ generator: inout SeededGenerator, _ limit: Int) -> String {
  let letters = ["a", "Z", "7", " ", "\"", "\\", "\n", "\u{1}", "/", "é", "在", "線", "😀", "\u{7f}"]
  var text = ""
  for _ in 0..<(generator.next() % 24) {
    let next = letters[Int(generator.next() % UInt64(letters.count))]
    if text.utf8.count + next.utf8.count > limit { break }
    text += next
  }
  return text
}
