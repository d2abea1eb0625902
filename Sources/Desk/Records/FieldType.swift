package import Kernel

/// Why the value of a field is not taken. The words go on from the field's name: "`reason` must be a string."
package enum FieldFault: Error, Hashable, Sendable {
  case malformed(String)
  case tooLarge(String)
  /// Says all of it by itself.
  case failure(Failure)

  init(_ failure: DecodingFailure) {
    self = .malformed("is not in the binary form of its type: \(failure)")
  }

  func failure(of field: StaticString) -> Failure {
    switch self {
    case .malformed(let words): Failure(.badFrame, "`\(field)` \(words).")
    case .tooLarge(let words): Failure(.tooLarge, "`\(field)` \(words).")
    case .failure(let failure): failure
    }
  }
}

/// How values of one type look wherever a client meets them: in the JSON of frames and bodies, in logs, in the description, on a
/// command line. Written once per type of value, never per operation.
package struct FieldType<Value: Sendable>: Sendable {
  /// Reads a value that is given: neither left out nor `null`.
  package typealias Read =
    @Sendable (_ value: JSONValue, _ text: UnsafeRawBufferPointer) throws(FieldFault) -> Value
  /// What `read` would make of a value that its form can hold: it, a plainer one that is meant, or a fault.
  package typealias Check = @Sendable (Value) throws(FieldFault) -> Value

  let read: Read
  let write: @Sendable (Value, inout BoundedWriter) -> Void
  /// The value in logs and between nodes: see `RecordForm`.
  let form: BinaryForm<Value>
  /// Reads the binary form as a client has said it, and takes what `read` takes; all bytes of the reader.
  let hear: @Sendable (inout ByteReader) throws(FieldFault) -> Value
  /// Whether there is anything to write: false leaves the field out.
  let isWritten: @Sendable (Value) -> Bool
  /// What is meant when the field is left out; nil: it must be there.
  let absent: Value?
  /// The members of its JSON Schema (2020-12), without the braces.
  let schema: String
  let spelling: FieldSpelling
  /// Any value that is taken: for tests that compare forms.
  let sample: @Sendable (inout SeededGenerator) -> Value
  /// The value in documents over HTTP, and its schema there, where they differ from the JSON of frames.
  var document: DocumentForm<Value>?
  /// Of a number that means this one when it is higher; HTTP refuses it then. nil: any other type.
  var most: Int?
  /// The first level whose nodes know all that is in the value; nil: as old as the field.
  var since: (@Sendable (Value) -> Level)?

  package init(
    schema: String, spelling: FieldSpelling, absent: Value? = nil, read: @escaping Read,
    write: @escaping @Sendable (Value, inout BoundedWriter) -> Void, form: BinaryForm<Value>,
    isWritten: @escaping @Sendable (Value) -> Bool = { _ in true }, check: @escaping Check,
    sample: @escaping @Sendable (inout SeededGenerator) -> Value
  ) {
    self.init(
      schema: schema, spelling: spelling, absent: absent, read: read, write: write, form: form,
      isWritten: isWritten,
      hear: { (reader) throws(FieldFault) in
        let value: Value
        do throws(DecodingFailure) { value = try form.decode(&reader) } catch { throw FieldFault(error) }
        return try check(value)
      }, sample: sample)
  }

  init(
    schema: String, spelling: FieldSpelling, absent: Value? = nil, read: @escaping Read,
    write: @escaping @Sendable (Value, inout BoundedWriter) -> Void, form: BinaryForm<Value>,
    isWritten: @escaping @Sendable (Value) -> Bool = { _ in true },
    hear: @escaping @Sendable (inout ByteReader) throws(FieldFault) -> Value,
    sample: @escaping @Sendable (inout SeededGenerator) -> Value
  ) {
    (self.schema, self.spelling, self.absent) = (schema, spelling, absent)
    (self.read, self.write, self.form, self.hear) = (read, write, form, hear)
    (self.isWritten, self.sample) = (isWritten, sample)
  }

  /// May be left out: nil then.
  @_semantics("optimize.sil.specialize.generic.never")
  package static func optional<Given: Sendable>(_ type: FieldType<Given>) -> Self where Value == Given? {
    FieldType(
      schema: type.schema, spelling: type.spelling, absent: .some(nil),
      read: { (value, text) throws(FieldFault) in try type.read(value, text) },
      write: { value, writer in if let value { type.write(value, &writer) } }, form: .optional(type.form),
      isWritten: { $0 != nil }, hear: { (reader) throws(FieldFault) in try type.hear(&reader) },
      sample: { $0.next() % 3 == 0 ? nil : type.sample(&$0) }
    ).shown(
      type.document.map { form in
        DocumentForm(schema: form.schema) { value, writer in if let value { form.write(value, &writer) } }
      })
  }

  /// May be left out, and is when it is `usual`: that is meant then.
  /// - Parameter isSaid: whether the description names it.
  @_semantics("optimize.sil.specialize.generic.never")
  package func or(_ usual: Value, isSaid: Bool = false) -> FieldType<Value> where Value: Equatable {
    FieldType(
      schema: schema + (isSaid ? ", \"default\": \(json(usual))" : ""), spelling: spelling, absent: usual,
      read: read, write: write, form: form, isWritten: { [isWritten] in $0 != usual && isWritten($0) },
      hear: hear, sample: sample
    ).shown(document, most: most)
  }

  /// The same type with another form in documents.
  func shown(_ document: DocumentForm<Value>?, most: Int? = nil) -> Self {
    var type = self
    (type.document, type.most) = (document, most)
    return type
  }

  private func json(_ value: Value) -> String {
    var buffer = FrameBuffer()
    buffer.append(expected: 64) { write(value, &$0) }
    return buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// A value in documents over HTTP.
struct DocumentForm<Value: Sendable>: Sendable {
  /// The members of its JSON Schema, without the braces.
  let schema: String
  let write: @Sendable (Value, inout BoundedWriter) -> Void
}

/// How a value that a person has typed becomes JSON.
package enum FieldSpelling: Sendable {
  /// As it is, in quotes.
  case text
  /// It is JSON already: a number, true or false, an object.
  case json
  /// Words with commas between them: a list of texts. What begins with a bracket is JSON already.
  case words

  /// - Returns: JSON, or what will be refused as JSON by whoever reads it.
  package func json(of typed: String) -> String {
    switch self {
    case .text: typed.quotedJSON
    case .json: typed
    case .words:
      typed.hasPrefix("[")
        ? typed
        : "[" + typed.split(separator: ",").map { String($0).quotedJSON }.joined(separator: ",") + "]"
    }
  }
}
