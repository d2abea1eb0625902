internal import Kernel

extension FieldType where Value == OpenSpan {
  /// A pair of times of day.
  package static var span: Self {
    let words =
      #"must be a pair of times like ["09:00", "17:30"]; the second is later, and 48:00 at the latest"#
    return FieldType(
      schema:
        #""type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "pattern": "^[0-4][0-9]:[0-5][0-9]$"}"#,
      spelling: .json,
      read: { (value, text) throws(FieldFault) in
        guard value.kind == .array else { throw .malformed(words) }
        let raw = value.raw(in: text)
        var reader = JSONReader(raw)
        var times: [UInt16?] = []
        do throws(JSONFault) {
          try reader.elements(depth: 2) { element in
            if times.count < 3 { times.append(element.string(in: raw).flatMap { OpenSpan.minutes($0) }) }
          }
        } catch { throw .malformed(words) }
        guard times.count == 2, let start = times[0], let end = times[1],
          let span = OpenSpan(start: start, end: end)
        else { throw .malformed(words) }
        return span
      },
      write: { span, writer in
        writer.write(literal: "[")
        writer.write(json: OpenSpan.text(span.start))
        writer.write(literal: ",")
        writer.write(json: OpenSpan.text(span.end))
        writer.write(literal: "]")
      },
      form: BinaryForm(
        "(varint, varint): minutes of the day",
        encode: { span, writer in
          writer.writeVarint(UInt64(span.start))
          writer.writeVarint(UInt64(span.end))
        },
        decode: { (reader) throws(DecodingFailure) in
          let (start, end) = (try reader.readVarint(), try reader.readVarint())
          guard let start = UInt16(exactly: start), let end = UInt16(exactly: end),
            let span = OpenSpan(start: start, end: end)
          else { throw .invalid("hours end before they begin, or later than they can") }
          return span
        }),
      check: { $0 },
      sample: { generator in
        let start = UInt16(generator.next() % 1_440)
        let end = start + 1 + UInt16(generator.next() % UInt64(OpenSpan.latestEnd - start))
        return OpenSpan(start: start, end: end) ?? OpenSpan.allDay
      })
  }
}

extension OpenSpan {
  /// From midnight to midnight.
  static let allDay = OpenSpan(unchecked: 0, 24 * 60)

  private init(unchecked start: UInt16, _ end: UInt16) { (self.start, self.end) = (start, end) }
}

extension FieldType where Value == [OpenSpan] {
  /// Those of one day.
  package static var spans: Self {
    let list = FieldType<[OpenSpan]>.list(of: .span, upTo: BusinessHours.mostSpans)
    return FieldType(
      schema: list.schema, spelling: .json,
      read: { (value, text) throws(FieldFault) in try ascending(try list.read(value, text)) },
      write: list.write, form: list.form,
      hear: { (reader) throws(FieldFault) in try ascending(try list.hear(&reader)) },
      sample: { generator in list.sample(&generator).prefix(1).map { $0 } })
  }

  private static func ascending(_ spans: [OpenSpan]) throws(FieldFault) -> [OpenSpan] {
    if let (span, next) = OpenSpan.overlap(in: spans) {
      throw .malformed(
        "has hours that overlap: \(OpenSpan.text(next.start)) lies before \(OpenSpan.text(span.end))")
    }
    return spans
  }
}

extension FieldType where Value == [[OpenSpan]] {
  /// Seven days, from Monday on.
  package static var week: Self {
    let words = "must be a list of seven days, from Monday on, each a list of pairs of times; [] is closed"
    let list = FieldType<[[OpenSpan]]>.list(of: .spans, upTo: 7)
    return FieldType(
      schema: list.schema + #", "minItems": 7"#, spelling: .json,
      read: { (value, text) throws(FieldFault) in
        let week = try list.read(value, text)
        guard week.count == 7 else { throw .malformed(words) }
        return week
      },
      write: list.write, form: list.form,
      hear: { (reader) throws(FieldFault) in
        let week = try list.hear(&reader)
        guard week.count == 7 else { throw .malformed(words) }
        return week
      },
      sample: { generator in (0..<7).map { _ in FieldType<[OpenSpan]>.spans.sample(&generator) } })
  }
}

extension FieldType where Value == [BusinessHours.SpecialDay] {
  /// An object of dates and the hours of those days.
  package static var specialDays: Self {
    FieldType(
      schema: #""type": "object", "maxProperties": \#(BusinessHours.mostDays), "propertyNames": {"pattern": "#
        + #""^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}, "additionalProperties": {\#(FieldType<[OpenSpan]>.spans.schema)}"#,
      spelling: .json,
      read: { (value, text) throws(FieldFault) in try readDays(value, in: text) },
      write: { days, writer in
        writer.write(literal: "{")
        for (place, day) in days.enumerated() {
          if place > 0 { writer.write(literal: ",") }
          writer.write(json: ReportDate.text(day.day))
          writer.write(literal: ":")
          FieldType<[OpenSpan]>.spans.write(day.spans, &writer)
        }
        writer.write(literal: "}")
      },
      form: .list(of: .specialDay),
      check: { (days) throws(FieldFault) in try ascending(days) },
      sample: { generator in
        let first = UInt32(generator.next() % 30_000)
        return (0..<UInt32(generator.next() % 3)).map {
          BusinessHours.SpecialDay(day: first + $0, spans: FieldType<[OpenSpan]>.spans.sample(&generator))
        }
      })
  }

  private static func readDays(
    _ value: JSONValue, in text: UnsafeRawBufferPointer
  ) throws(FieldFault) -> [BusinessHours.SpecialDay] {
    guard value.kind == .object else {
      throw .malformed(#"must be an object of dates and hours, like {"2027-01-01": []}"#)
    }
    let raw = value.raw(in: text)
    var reader = JSONReader(raw)
    var days: [BusinessHours.SpecialDay] = []
    var fault: FieldFault?
    do throws(JSONFault) {
      try reader.members(depth: 2) { name, value in
        guard fault == nil else { return }
        let word = name.string(in: raw) ?? ""
        guard word.utf8.count == 10, let day = ReportDate.day(word) else {
          fault = .failure(Failure(.badFrame, "A name in `days` must be a date like 2027-01-01."))
          return
        }
        do throws(FieldFault) {
          days.append(
            BusinessHours.SpecialDay(day: day, spans: try FieldType<[OpenSpan]>.spans.read(value, raw)))
        } catch { fault = .failure(error.failure(ofDay: word)) }
        if days.count > BusinessHours.mostDays { fault = tooMany }
      }
    } catch { throw .malformed("must be an object of dates and hours") }
    if let fault { throw fault }
    return try ascending(days.sorted { $0.day < $1.day })
  }

  private static var tooMany: FieldFault { .tooLarge("has more than \(BusinessHours.mostDays) days") }

  private static func ascending(
    _ days: [BusinessHours.SpecialDay]
  ) throws(FieldFault) -> [BusinessHours.SpecialDay] {
    guard days.count <= BusinessHours.mostDays else { throw tooMany }
    guard zip(days, days.dropFirst()).allSatisfy({ $0.day < $1.day }) else {
      throw .malformed("has a day twice, or days that do not ascend")
    }
    if let day = days.first(where: { OpenSpan.overlap(in: $0.spans) != nil }) {
      throw .malformed("has hours that overlap on \(ReportDate.text(day.day))")
    }
    return days
  }
}

extension FieldFault {
  fileprivate func failure(ofDay word: String) -> Failure {
    switch self {
    case .malformed(let words): Failure(.badFrame, "`days.\(word)` \(words).")
    case .tooLarge(let words): Failure(.tooLarge, "`days.\(word)` \(words).")
    case .failure(let failure): failure
    }
  }
}

extension BinaryForm where Value == BusinessHours.SpecialDay {
  static var specialDay: Self {
    let spans = FieldType<[OpenSpan]>.spans.form
    return BinaryForm(
      "(varint: days since 1970, \(spans.name))",
      encode: { day, writer in
        writer.writeVarint(UInt64(day.day))
        spans.encode(day.spans, &writer)
      },
      decode: { (reader) throws(DecodingFailure) in
        guard let day = UInt32(exactly: try reader.readVarint()) else {
          throw .invalid("a day is above 32 bits")
        }
        return BusinessHours.SpecialDay(day: day, spans: try spans.decode(&reader))
      })
  }
}

extension FieldType where Value == ZoneTable? {
  /// What the node that is asked puts in; a client leaves it out.
  static var filledIn: Self {
    FieldType(
      schema: #""type": "null""#, spelling: .json, absent: .some(nil),
      read: { (_, _) throws(FieldFault) in throw ofNode },
      write: { table, writer in writer.write(json: table?.version ?? "") },
      form: .optional(
        BinaryForm<ZoneTable>(
          "changes of a zone, which a node has filled in", encode: { $0.encode(into: &$1) },
          decode: { (reader) throws(DecodingFailure) in try ZoneTable(from: &reader) })),
      isWritten: { $0 != nil }, hear: { (_) throws(FieldFault) in throw ofNode }, sample: { _ in nil })
  }

  private static var ofNode: FieldFault { .malformed("is filled in by the node that is asked; leave it out") }
}
