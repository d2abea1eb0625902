internal import Kernel

extension FieldType {
  /// A record within a record: an object in JSON, the bytes of the record in its binary form.
  @_semantics("optimize.sil.specialize.generic.never")
  package static func record(_ fields: Fields<Value>) -> Self {
    FieldType(
      schema: schema(of: fields), spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard value.kind == .object, let object = try? JSONObject(value.raw(in: text), fields.names) else {
          throw .malformed("must be an object")
        }
        do throws(Failure) { return try fields.read(from: object) } catch { throw .failure(error) }
      },
      write: { root, writer in
        var isFirst = true
        writer.write(literal: "{")
        fields.writeMembers(of: root, isFirst: &isFirst, into: &writer)
        writer.write(literal: "}")
      },
      form: BinaryForm(
        "record: " + fields.list.map { "\($0.number) \($0.name) \($0.form)" }.joined(separator: "; "),
        encode: { $1.write(bytes: fields.encode($0)) },
        decode: { (reader) throws(DecodingFailure) in
          try fields.decode(try reader.readBytes(limit: .max))
        }),
      hear: { (reader) throws(FieldFault) in
        let bytes: [UInt8]
        do throws(DecodingFailure) { bytes = try reader.readBytes(limit: .max) } catch {
          throw FieldFault(error)
        }
        var record = RecordReader(bytes)
        do throws(Failure) { return try fields.hear(&record) } catch { throw .failure(error) }
      },
      sample: { fields.sample(&$0) }
    ).shown(
      DocumentForm(schema: schema(of: fields, \.documentSchema)) { root, writer in
        var isFirst = true
        writer.write(literal: "{")
        fields.writeMembers(of: root, isFirst: &isFirst, asDocument: true, into: &writer)
        writer.write(literal: "}")
      })
  }

  @_semantics("optimize.sil.specialize.generic.never")
  private static func schema(
    of fields: Fields<Value>, _ type: KeyPath<FieldDescription, String> = \.schema
  ) -> String {
    let members = fields.list.map { "\"\($0.name)\": {\($0[keyPath: type])}" }.joined(separator: ", ")
    let needed = fields.list.filter(\.isRequired).map(\.name.quotedJSON).joined(separator: ", ")
    return #""type": "object", "# + (needed.isEmpty ? "" : #""required": [\#(needed)], "#)
      + #""properties": {\#(members)}"#
  }

  /// - Parameter most: elements of a list that a client may say.
  @_semantics("optimize.sil.specialize.generic.never")
  package static func list<Element: Sendable>(of type: FieldType<Element>, upTo most: Int) -> Self
  where Value == [Element] {
    let tooMany = FieldFault.tooLarge("has more than \(most) elements")
    return FieldType(
      schema: #""type": "array", "maxItems": \#(most), "items": {\#(type.schema)}"#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard value.kind == .array else { throw .malformed("must be a list") }
        let raw = value.raw(in: text)
        var reader = JSONReader(raw)
        var list: [Element] = []
        _ = reader.take(UInt8(ascii: "["))
        if reader.take(UInt8(ascii: "]")) { return [] }
        repeat {
          guard list.count < most else { throw tooMany }
          guard let element = try? reader.value(depth: 2) else { throw .malformed("must be a list") }
          list.append(try type.read(element, raw))
        } while reader.take(UInt8(ascii: ","))
        return list
      },
      write: { list, writer in
        writer.write(literal: "[")
        for (place, element) in list.enumerated() {
          if place > 0 { writer.write(literal: ",") }
          type.write(element, &writer)
        }
        writer.write(literal: "]")
      },
      form: .list(of: type.form),
      hear: { (reader) throws(FieldFault) in
        let count: Int
        do throws(DecodingFailure) { count = try reader.readCount(limit: .max, minimumElementSize: 1) } catch {
          throw FieldFault(error)
        }
        guard count <= most else { throw tooMany }
        var list: [Element] = []
        for _ in 0..<count { list.append(try type.hear(&reader)) }
        return list
      },
      sample: { generator in (0..<Int(generator.next() % 4)).map { _ in type.sample(&generator) } }
    ).shown(
      type.document.map { form in
        DocumentForm(schema: #""type": "array", "maxItems": \#(most), "items": {\#(form.schema)}"#) {
          list, writer in
          writer.write(literal: "[")
          for (place, element) in list.enumerated() {
            if place > 0 { writer.write(literal: ",") }
            form.write(element, &writer)
          }
          writer.write(literal: "]")
        }
      })
  }
}

extension FieldType where Value == [String] {
  /// Of agents.
  package static var names: Self { .list(of: .text(128), upTo: 1_024) }
}

extension FieldType where Value == MessageKind {
  package static var kind: Self { .named([.text, .system], { $0.name }, number: { $0.rawValue }) }
}
