internal import Kernel

extension FieldType where Value == [SkillWeight] {
  static var mostSkills: Int { 256 }

  /// Skills by name, or as objects with a weight. Of a skill that comes twice the last weight counts.
  static var skills: Self {
    FieldType(
      schema: """
        "type": "array", "maxItems": \(mostSkills), "items": {"oneOf": [{"type": "string", "minLength": 1, "maxLength": 64}, \
        {"type": "object", "required": ["skill"], "properties": {"skill": {"type": "string", "minLength": 1, \
        "maxLength": 64}, "weight": {"type": "number", "minimum": 0, "maximum": 1000, "default": 1}}}]}
        """,
      spelling: .words,
      read: { (value, text) throws(FieldFault) in try readSkills(value, in: text) },
      write: { skills, writer in
        writer.write(literal: "[")
        for (place, skill) in skills.enumerated() {
          if place > 0 { writer.write(literal: ",") }
          guard skill.weight != 1000 else {
            writer.write(json: skill.skill)
            continue
          }
          writer.write(literal: "{\"skill\":")
          writer.write(json: skill.skill)
          writer.write(literal: ",\"weight\":")
          writer.write(thousandths: skill.weight)
          writer.write(literal: "}")
        }
        writer.write(literal: "]")
      },
      form: .list(of: .skillWeight), check: { (skills) throws(FieldFault) in try checked(skills) },
      sample: { generator in
        (0..<Int(generator.next() % 4)).map {
          SkillWeight(skill: "skill\($0)", weight: UInt32(generator.next() % 1_000_001))
        }
      })
  }

  private static func readSkills(
    _ value: JSONValue, in text: UnsafeRawBufferPointer
  ) throws(FieldFault) -> [SkillWeight] {
    guard value.kind == .array else { throw wrong }
    let raw = value.raw(in: text)
    var reader = JSONReader(raw)
    var list: [SkillWeight] = []
    _ = reader.take(UInt8(ascii: "["))
    if reader.take(UInt8(ascii: "]")) { return [] }
    repeat {
      guard let element = try? reader.value(depth: 2), let skill = skill(element, in: raw) else { throw wrong }
      try add(skill, to: &list)
    } while reader.take(UInt8(ascii: ","))
    return list
  }

  private static var wrong: FieldFault {
    .malformed(
      "must be a list of names or of objects with `skill` and `weight` (0 to 1000; 1 is the usual one)")
  }

  private static func add(_ skill: SkillWeight, to list: inout [SkillWeight]) throws(FieldFault) {
    guard !skill.skill.isEmpty, skill.skill.utf8.count <= 64 else { throw wrong }
    if let fault = NameFault.inIdentity(skill.skill) {
      throw .failure(Failure(.badFrame, "A name in `skills` \(fault)."))
    }
    if let place = list.firstIndex(where: { $0.skill.hasSameBytes(as: skill.skill) }) {
      list[place] = skill
    } else {
      list.append(skill)
    }
    if list.count > mostSkills { throw .tooLarge("names more than \(mostSkills) skills") }
  }

  /// As they would be read from JSON.
  private static func checked(_ skills: [SkillWeight]) throws(FieldFault) -> [SkillWeight] {
    var list: [SkillWeight] = []
    for skill in skills {
      guard skill.weight <= 1_000_000 else { throw wrong }
      try add(skill, to: &list)
    }
    return list
  }

  private static func skill(_ element: JSONValue, in text: UnsafeRawBufferPointer) -> SkillWeight? {
    guard element.kind == .object else { return element.string(in: text).map { SkillWeight(skill: $0) } }
    guard let object = try? JSONObject(element.raw(in: text), ["skill", "weight"]),
      let name = object["skill"].string(in: object.text),
      let weight = thousandths(object["weight"], in: object.text)
    else { return nil }
    return SkillWeight(skill: name, weight: weight)
  }

  /// A weight as in a token: 1 when it is left out, three digits behind the point count, and 0 alone means none.
  private static func thousandths(_ weight: JSONValue, in text: UnsafeRawBufferPointer) -> UInt32? {
    guard weight.isGiven else { return 1000 }
    guard weight.kind == .number, let value = Double(String(decoding: weight.raw(in: text), as: UTF8.self)),
      (0...1000).contains(value)
    else { return nil }
    return value == 0 ? 0 : max(1, UInt32((value * 1000).rounded()))
  }
}

extension BoundedWriter {
  /// 1500 as 1.500: three digits behind the point.
  fileprivate mutating func write(thousandths value: UInt32) {
    write(decimal: UInt64(value / 1000))
    write(literal: ".")
    let rest = value % 1000
    for digit in [rest / 100, rest / 10 % 10, rest % 10] { write(0x30 + UInt8(digit)) }
  }
}
