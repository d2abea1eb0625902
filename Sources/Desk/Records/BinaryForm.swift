package import Kernel

/// A value as bytes that are kept for ever: in logs, in snapshots and between nodes. Nothing is bounded here but by the bytes
/// that there are, for what was once committed must be readable; what clients say is bounded where they say it.
package struct BinaryForm<Value: Sendable>: Sendable {
  package typealias Decode = @Sendable (inout ByteReader) throws(DecodingFailure) -> Value
  /// What people call it, in the documents.
  let name: String
  let encode: @Sendable (Value, inout ByteWriter) -> Void
  /// Reads all bytes of the reader.
  let decode: Decode

  package init(
    _ name: String, encode: @escaping @Sendable (Value, inout ByteWriter) -> Void, decode: @escaping Decode
  ) {
    (self.name, self.encode, self.decode) = (name, encode, decode)
  }

  /// One of the values that a type has names for: its number.
  @_semantics("optimize.sil.specialize.generic.never")
  static func numbered<Number: FixedWidthInteger & Sendable>(
    _ number: @escaping @Sendable (Value) -> Number, _ value: @escaping @Sendable (Number) -> Value?,
    name: String = "varint"
  ) -> Self {
    BinaryForm(
      name, encode: { $1.writeVarint(UInt64(number($0))) },
      decode: { (reader) throws(DecodingFailure) in
        let read = try reader.readVarint()
        guard let small = Number(exactly: read), let value = value(small) else {
          throw .invalid("a field has the number \(read), which means nothing there")
        }
        return value
      })
  }

  /// "varint: 0 offline, 1 online"
  static func names<Values: Swift.Sequence>(
    _ values: Values, _ named: (Values.Element) -> (UInt8, String)
  ) -> String {
    "varint: " + values.map { named($0) }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  /// nil is never written: the field is left out then.
  @_semantics("optimize.sil.specialize.generic.never")
  static func optional<Given: Sendable>(_ form: BinaryForm<Given>) -> Self where Value == Given? {
    BinaryForm(
      form.name, encode: { value, writer in if let value { form.encode(value, &writer) } },
      decode: { (reader) throws(DecodingFailure) in try form.decode(&reader) })
  }

  /// The most elements of any list, far above what clients may say: so few bytes can take so much memory.
  static var mostElements: Int { 1 << 16 }

  @_semantics("optimize.sil.specialize.generic.never")
  static func list<Element: Sendable>(of form: BinaryForm<Element>) -> Self where Value == [Element] {
    BinaryForm(
      "list of \(form.name)",
      encode: { list, writer in
        writer.writeVarint(UInt64(list.count))
        for element in list { form.encode(element, &writer) }
      },
      decode: { (reader) throws(DecodingFailure) in
        var list: [Element] = []
        for _ in 0..<(try reader.readCount(limit: mostElements, minimumElementSize: 1)) {
          list.append(try form.decode(&reader))
        }
        return list
      })
  }
}

extension BinaryForm where Value == UInt64 {
  static var number: Self {
    BinaryForm(
      "varint", encode: { $1.writeVarint($0) },
      decode: { (reader) throws(DecodingFailure) in try reader.readVarint() })
  }
}

extension BinaryForm where Value == Int {
  static var count: Self { .numbered({ UInt64($0) }, { Int(exactly: $0) }) }
}

extension BinaryForm where Value == UInt32 {
  static var amount: Self { .numbered({ $0 }, { $0 }) }
}

extension BinaryForm where Value == Int32 {
  /// Zigzag: small numbers of either sign take one byte.
  static var signed: Self {
    .numbered(
      { UInt32(bitPattern: ($0 << 1) ^ ($0 >> 31)) },
      { Int32(bitPattern: $0 >> 1) ^ -Int32(bitPattern: $0 & 1) }, name: "zigzag")
  }
}

extension BinaryForm where Value == Bool {
  static var flag: Self {
    .numbered({ $0 ? UInt8(1) : 0 }, { $0 < 2 ? $0 == 1 : nil }, name: "varint: 0 false, 1 true")
  }
}

extension BinaryForm where Value == SessionID {
  static var session: Self { .numbered({ $0.rawValue }, { SessionID(rawValue: $0) }) }
}

extension BinaryForm where Value == Sequence {
  static var sequence: Self { .numbered({ $0.rawValue }, { Sequence($0) }) }
}

extension BinaryForm where Value == DeskName {
  static var desk: Self {
    BinaryForm(
      "text", encode: { $1.write(string: $0.text) },
      decode: { (reader) throws(DecodingFailure) in
        guard let name = DeskName(try reader.readString(limit: .max)) else {
          throw .invalid("a desk has a name that none can have")
        }
        return name
      })
  }
}

extension BinaryForm where Value == String {
  static var text: Self {
    BinaryForm(
      "text", encode: { $1.write(string: $0) },
      decode: { (reader) throws(DecodingFailure) in try reader.readString(limit: .max) })
  }
}

extension BinaryForm where Value == [UInt8] {
  static var bytes: Self {
    BinaryForm(
      "text", encode: { $1.write(bytes: $0) },
      decode: { (reader) throws(DecodingFailure) in try reader.readBytes(limit: .max) })
  }
}

extension BinaryForm where Value == Attribute {
  static var attribute: Self {
    BinaryForm(
      "(text, text)",
      encode: { attribute, writer in
        writer.write(string: attribute.name)
        writer.write(string: attribute.json)
      },
      decode: { (reader) throws(DecodingFailure) in
        let name = try reader.readString(limit: .max)
        return Attribute(name: name, json: try reader.readString(limit: .max))
      })
  }
}

extension BinaryForm where Value == SkillWeight {
  static var skillWeight: Self {
    BinaryForm(
      "(text, varint)",
      encode: { skill, writer in
        writer.write(string: skill.skill)
        writer.writeVarint(UInt64(skill.weight))
      },
      decode: { (reader) throws(DecodingFailure) in
        let skill = try reader.readString(limit: .max)
        guard let weight = UInt32(exactly: try reader.readVarint()) else {
          throw .invalid("the weight of a skill is above 32 bits")
        }
        return SkillWeight(skill: skill, weight: weight)
      })
  }
}
