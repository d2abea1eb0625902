package import Kernel

/// One field of a record: its number in bytes that are kept, its name on every door, where its value is, of which type it is, and what people have to know.
package struct Field<Root: Sendable, Value: Sendable>: Sendable {
  /// From 1; that of a field behind another one is higher. One that was ever used keeps its meaning.
  package let number: UInt16
  package let name: StaticString
  let value: @Sendable (Root) -> Value
  let type: FieldType<Value>
  let about: String
  /// The first level whose nodes know the field; nil: as old as its record.
  let since: Level?

  package init(
    _ number: UInt16, _ name: StaticString, _ value: @escaping @Sendable (Root) -> Value,
    _ type: FieldType<Value>, _ about: String, since: Level? = nil
  ) {
    (self.number, self.name, self.value, self.type) = (number, name, value, type)
    (self.about, self.since) = (about, since)
  }

  /// From an object that a client has sent.
  fileprivate func read(from object: JSONObject) throws(Failure) -> Value {
    let found = object[name]
    guard found.isGiven else {
      if let absent = type.absent { return absent }
      throw Failure(.badFrame, "`\(name)` is missing.")
    }
    do throws(FieldFault) { return try type.read(found, object.text) } catch { throw error.failure(of: name) }
  }

  /// - Parameter isFirst: whether no member was written before it.
  fileprivate func write(
    _ root: Root, isFirst: inout Bool, asDocument: Bool, into writer: inout BoundedWriter
  ) {
    let value = value(root)
    guard type.isWritten(value) else { return }
    writer.write(literal: isFirst ? "\"" : ",\"")
    isFirst = false
    writer.write(literal: name)
    writer.write(literal: "\":")
    if asDocument, let document = type.document {
      document.write(value, &writer)
    } else {
      type.write(value, &writer)
    }
  }

  /// Whether the field has a value that its bytes say.
  private func isSaid(in root: Root) -> Bool { type.isWritten(value(root)) }

  fileprivate func encode(_ root: Root, into writer: inout ByteWriter) {
    guard isSaid(in: root) else { return }
    var bytes = ByteWriter()
    type.form.encode(value(root), &bytes)
    writer.writeVarint(UInt64(number))
    writer.write(bytes: bytes.bytes)
  }

  fileprivate func decode(from record: inout RecordReader) throws(DecodingFailure) -> Value {
    guard var bytes = try record.field(number) else {
      if let absent = type.absent { return absent }
      throw .invalid("a record has no field \(number) (\(name))")
    }
    let value = try type.form.decode(&bytes)
    guard bytes.isAtEnd else { throw .invalid("field \(number) (\(name)) has bytes that mean nothing") }
    return value
  }

  /// As a client has said it.
  fileprivate func hear(from record: inout RecordReader) throws(Failure) -> Value {
    let found: ByteReader?
    do throws(DecodingFailure) { found = try record.heard(number) } catch { throw .noRecord(error) }
    guard var bytes = found else {
      if let absent = type.absent { return absent }
      throw Failure(.badFrame, "`\(name)` is missing.")
    }
    do throws(FieldFault) {
      let value = try type.hear(&bytes)
      guard bytes.isAtEnd else { throw FieldFault(.invalid("\(bytes.remaining) bytes are left over")) }
      return value
    } catch { throw error.failure(of: name) }
  }

  fileprivate func since(in root: Root) -> Level {
    guard since != nil || type.since != nil, isSaid(in: root) else { return .first }
    return max(since ?? .first, type.since?(value(root)) ?? .first)
  }

  fileprivate var description: FieldDescription {
    FieldDescription(
      number: number, name: "\(name)", about: about, schema: type.schema, isRequired: type.absent == nil,
      documentSchema: type.document?.schema ?? type.schema, most: type.most, spelling: type.spelling,
      form: type.form.name)
  }
}

/// A field as descriptions and command lines see it.
package struct FieldDescription: Sendable {
  package let number: UInt16
  package let name: String
  package let about: String
  /// The members of its JSON Schema, without the braces.
  package let schema: String
  package let isRequired: Bool
  /// As `schema`, of documents over HTTP.
  package let documentSchema: String
  /// Of a number that means this one when it is higher; HTTP refuses it then.
  package let most: Int?
  package let spelling: FieldSpelling
  /// What its binary form is called.
  package let form: String
}

/// All fields of a record, with the initializer that needs every one of them: a field that is left out, doubled or of
/// another type does not compile.
package struct Fields<Root: Sendable>: Sendable {
  package let list: [FieldDescription]
  let names: [StaticString]
  private let readAll: @Sendable (JSONObject) throws(Failure) -> Root
  private let writeAll: @Sendable (Root, inout Bool, Bool, inout BoundedWriter) -> Void
  private let encodeAll: @Sendable (Root, inout ByteWriter) -> Void
  private let decodeAll: @Sendable (inout RecordReader) throws(DecodingFailure) -> Root
  private let hearAll: @Sendable (inout RecordReader) throws(Failure) -> Root
  private let levelOfAll: @Sendable (Root) -> Level
  private let sampleAll: @Sendable (inout SeededGenerator) -> Root

  // A copy of this for each record, and of its closures for each field, is half of the module's code, and is seldom run:
  // docs/decisions/0037.
  @_semantics("optimize.sil.specialize.generic.never")
  package init<each Value: Sendable>(
    _ make: @escaping @Sendable (repeat each Value) -> Root, _ field: repeat Field<Root, each Value>
  ) {
    var list: [FieldDescription] = []
    var names: [StaticString] = []
    for field in repeat each field {
      list.append(field.description)
      names.append(field.name)
    }
    (self.list, self.names) = (list, names)
    readAll = { (object) throws(Failure) in make(repeat try (each field).read(from: object)) }
    writeAll = { (root, isFirst, asDocument, writer) in
      repeat (each field).write(root, isFirst: &isFirst, asDocument: asDocument, into: &writer)
    }
    encodeAll = { (root, writer) in repeat (each field).encode(root, into: &writer) }
    decodeAll = { (record) throws(DecodingFailure) in make(repeat try (each field).decode(from: &record)) }
    hearAll = { (record) throws(Failure) in make(repeat try (each field).hear(from: &record)) }
    levelOfAll = { (root) in
      var level = Level.first
      for since in repeat (each field).since(in: root) { level = max(level, since) }
      return level
    }
    sampleAll = { (generator) in make(repeat (each field).type.sample(&generator)) }
  }

  /// - Parameters:
  ///   - text: UTF-8, one JSON object; other members are skipped.
  /// - Throws: `Failure` that names the field.
  package func read(_ text: UnsafeRawBufferPointer) throws(Failure) -> Root {
    let object: JSONObject
    do throws(JSONFault) { object = try JSONObject(text, names) } catch {
      throw Failure(.badFrame, "This is not JSON: \(error.description).")
    }
    return try readAll(object)
  }

  /// - Parameter object: with at least the members that `names` names.
  func read(from object: JSONObject) throws(Failure) -> Root { try readAll(object) }

  /// The record as a client has said it in its binary form: bounded as JSON is, and what is not known is passed over as there.
  /// - Throws: `Failure` that names the field.
  package func hear(_ record: inout RecordReader) throws(Failure) -> Root {
    let root = try hearAll(&record)
    do throws(DecodingFailure) { try record.passOverRest() } catch { throw .noRecord(error) }
    return root
  }

  /// The members of a JSON object, each with a comma before it when `isFirst` is false.
  /// - Parameter asDocument: as HTTP writes them: times, for instance, are text there.
  package func writeMembers(
    of root: Root, isFirst: inout Bool, asDocument: Bool = false, into writer: inout BoundedWriter
  ) {
    writeAll(root, &isFirst, asDocument, &writer)
  }

  /// The record as a JSON object.
  /// - Parameter asDocument: as HTTP writes it.
  package func json(of root: Root, asDocument: Bool = false) -> String {
    var buffer = FrameBuffer()
    buffer.append(expected: 256) { writer in
      var isFirst = true
      writer.write(literal: "{")
      writeAll(root, &isFirst, asDocument, &writer)
      writer.write(literal: "}")
    }
    return buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The record as bytes that are kept for ever: per field that has a value, in ascending order, `number varint`,
  /// `length varint` and the value in its own form. Equal records give equal bytes.
  package func encode(_ root: Root) -> [UInt8] {
    var writer = ByteWriter()
    encodeAll(root, &writer)
    return writer.bytes
  }

  /// - Throws: `DecodingFailure` for bytes that `encode` could not have made. A field that this build does not know is one:
  ///   were it skipped, nodes that know it would come to another state. What may bring one names the level that does.
  package func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> Root {
    var record = RecordReader(bytes)
    let root = try decodeAll(&record)
    try record.expectEnd()
    return root
  }

  /// The first level whose nodes know all fields that have a value.
  package func since(_ root: Root) -> Level { levelOfAll(root) }

  /// Any record that its own rules allow field by field.
  package func sample(_ generator: inout SeededGenerator) -> Root { sampleAll(&generator) }
}

extension Failure {
  /// These bytes are no fields of a record.
  package static func noRecord(_ failure: DecodingFailure) -> Failure {
    Failure(.badFrame, "The payload is no record of numbered fields: \(failure).")
  }
}
