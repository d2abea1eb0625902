internal import Kernel

extension FieldType where Value == [Attribute] {
  /// Members of any kind, kept as they came. Their bounds are `AttributeBounds`. Of a name that comes twice the last value
  /// counts.
  static var attributes: Self {
    FieldType(
      schema: #""type": "object", "maxProperties": \#(AttributeBounds.count), "additionalProperties": true"#,
      spelling: .json,
      read: { (value, text) throws(FieldFault) in try readAttributes(value, in: text) },
      write: { attributes, writer in
        writer.write(literal: "{")
        for (place, attribute) in attributes.enumerated() {
          if place > 0 { writer.write(literal: ",") }
          writer.write(json: attribute.name)
          writer.write(literal: ":")
          writer.write(Array(attribute.json.utf8))
        }
        writer.write(literal: "}")
      },
      form: .list(of: .attribute), check: { (list) throws(FieldFault) in try checked(list) },
      sample: { generator in
        (0..<Int(generator.next() % 4)).map {
          Attribute(name: "a\($0)", json: "[\(generator.next() % 1000),null]")
        }
      })
  }

  private static func readAttributes(
    _ value: JSONValue, in text: UnsafeRawBufferPointer
  ) throws(FieldFault) -> [Attribute] {
    guard value.kind == .object else { throw .malformed("must be an object") }
    let raw = value.raw(in: text)
    var reader = JSONReader(raw)
    var list: [Attribute] = []
    _ = reader.take(UInt8(ascii: "{"))
    if reader.take(UInt8(ascii: "}")) { return [] }
    do throws(Failure) {
      repeat {
        let (name, json) = try member(&reader)
        try AttributeBounds.check(name, valueBytes: json.utf8.count)
        if let place = list.firstIndex(where: { $0.name.hasSameBytes(as: name) }) {
          list[place].json = json
        } else {
          list.append(Attribute(name: name, json: json))
        }
      } while list.count <= AttributeBounds.count && reader.take(UInt8(ascii: ","))
      try AttributeBounds.check(list)
    } catch { throw .failure(error) }
    return list
  }

  /// As they would be read from JSON.
  private static func checked(_ said: [Attribute]) throws(FieldFault) -> [Attribute] {
    var list: [Attribute] = []
    do throws(Failure) {
      for attribute in said {
        try AttributeBounds.check(attribute.name, valueBytes: attribute.json.utf8.count)
        try check(attribute)
        if let place = list.firstIndex(where: { $0.name.hasSameBytes(as: attribute.name) }) {
          list[place].json = attribute.json
        } else {
          list.append(attribute)
        }
        // The rest is not even looked at.
        if list.count > AttributeBounds.count { break }
      }
      try AttributeBounds.check(list)
    } catch { throw .failure(error) }
    return list
  }

  /// Its value is JSON, and nothing stands around it.
  private static func check(_ attribute: Attribute) throws(Failure) {
    var json = attribute.json
    let fault: JSONFault? = json.withUTF8 { text in
      var reader = JSONReader(UnsafeRawBufferPointer(text))
      do throws(JSONFault) {
        let value = try reader.value(depth: 2)
        let isBare = value.kind == .string ? text.first == UInt8(ascii: "\"") : value.start == 0
        guard isBare, reader.position == text.count else { throw reader.fault("a value alone is expected") }
        return nil
      } catch { return error }
    }
    if let fault { throw Failure(.badFrame, "`attributes` is not JSON: \(fault.description).") }
  }

  private static func member(_ reader: inout JSONReader) throws(Failure) -> (name: String, json: String) {
    do throws(JSONFault) {
      let name = try reader.name().string(in: reader.text) ?? ""
      reader.skipSpace()
      let start = reader.position
      _ = try reader.value(depth: 2)
      return (name, String(decoding: reader.text[start..<reader.position], as: UTF8.self))
    } catch {
      throw Failure(.badFrame, "`attributes` is not JSON: \(error.description).")
    }
  }
}
