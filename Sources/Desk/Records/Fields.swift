package import Kernel

/// One field of a record: its name on every door, where its value is, of which type it is, and what people have to know.
package struct Field<Root: Sendable, Value: Sendable>: Sendable {
  package let name: StaticString
  let value: @Sendable (Root) -> Value
  let type: FieldType<Value>
  let about: String

  package init(
    _ name: StaticString, _ value: @escaping @Sendable (Root) -> Value, _ type: FieldType<Value>,
    _ about: String
  ) {
    (self.name, self.value, self.type, self.about) = (name, value, type, about)
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
  fileprivate func write(_ root: Root, isFirst: inout Bool, into writer: inout BoundedWriter) {
    let value = value(root)
    guard type.isWritten(value) else { return }
    writer.write(literal: isFirst ? "\"" : ",\"")
    isFirst = false
    writer.write(literal: name)
    writer.write(literal: "\":")
    type.write(value, &writer)
  }

  fileprivate var description: FieldDescription {
    FieldDescription(
      name: "\(name)", about: about, schema: type.schema, isRequired: type.absent == nil,
      spelling: type.spelling)
  }
}

/// A field as descriptions and command lines see it.
package struct FieldDescription: Sendable {
  package let name: String
  package let about: String
  /// The members of its JSON Schema, without the braces.
  package let schema: String
  package let isRequired: Bool
  package let spelling: FieldSpelling
}

/// All fields of a record, with the initializer that needs every one of them: a field that is left out, doubled or of
/// another type does not compile.
package struct Fields<Root: Sendable>: Sendable {
  package let list: [FieldDescription]
  private let names: [StaticString]
  private let readAll: @Sendable (JSONObject) throws(Failure) -> Root
  private let writeAll: @Sendable (Root, inout Bool, inout BoundedWriter) -> Void
  private let sampleAll: @Sendable (inout SeededGenerator) -> Root

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
    writeAll = { (root, isFirst, writer) in
      repeat (each field).write(root, isFirst: &isFirst, into: &writer)
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

  /// The members of a JSON object, each with a comma before it when `isFirst` is false.
  package func writeMembers(of root: Root, isFirst: inout Bool, into writer: inout BoundedWriter) {
    writeAll(root, &isFirst, &writer)
  }

  /// Any record that its own rules allow field by field.
  package func sample(_ generator: inout SeededGenerator) -> Root { sampleAll(&generator) }
}
