internal import Kernel

extension FieldType {
  /// One of a few values that have names.
  @_semantics("optimize.sil.specialize.generic.never")
  static func named(
    _ values: [Value], _ name: @escaping @Sendable (Value) -> String,
    number: @escaping @Sendable (Value) -> UInt8
  ) -> Self {
    let names = values.map(name)
    return FieldType(
      schema: #""type": "string", "enum": [\#(names.map(\.quotedJSON).joined(separator: ", "))]"#,
      spelling: .text,
      read: { (value, text) throws(FieldFault) in
        guard let word = value.string(in: text),
          let place = names.firstIndex(where: { $0.hasSameBytes(as: word) })
        else { throw .malformed("must be one of \(names.joined(separator: ", "))") }
        return values[place]
      },
      write: { $1.write(json: name($0)) },
      form: .numbered(
        number, { found in values.first { number($0) == found } },
        name: BinaryForm<Value>.names(values) { (number($0), name($0)) }),
      check: { $0 }, sample: { values[Int($0.next() % UInt64(values.count))] })
  }
}
