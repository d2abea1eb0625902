internal import Kernel

/// Something that operations keep with a session beside its transcript: a record of its own, with a number and a name. It goes
/// into snapshots and into what is told of a session by itself. A session has one of a kind at the most, and its fields'
/// limits bound it.
package protocol SessionFacet: Sendable {
  /// In snapshots, for ever.
  static var number: UInt16 { get }
  /// The member of a session's document that holds it.
  static var name: StaticString { get }
  static var fields: Fields<Self> { get }
}

/// The facets of one session: few, by number.
package struct Facets: Hashable, Sendable {
  private struct Kept: Hashable, Sendable {
    let number: UInt16
    let bytes: [UInt8]
  }

  private var list: [Kept] = []

  package init() {}

  package var isEmpty: Bool { list.isEmpty }

  package func read<Facet: SessionFacet>(_: Facet.Type) -> Facet? {
    list.first { $0.number == Facet.number }.flatMap { try? Facet.fields.decode($0.bytes) }
  }

  mutating func set<Facet: SessionFacet>(_ facet: Facet?) {
    let place = list.firstIndex { $0.number >= Facet.number } ?? list.endIndex
    if place < list.endIndex, list[place].number == Facet.number { list.remove(at: place) }
    guard let facet else { return }
    list.insert(Kept(number: Facet.number, bytes: Facet.fields.encode(facet)), at: place)
  }

  /// Each as a member of a JSON object: its name, and its record as an object.
  package func members() -> [(name: String, json: String)] {
    list.compactMap { kept in Self.all[kept.number].flatMap { Self.member($0, kept.bytes) } }
  }

  private static func member<Facet: SessionFacet>(
    _: Facet.Type, _ bytes: [UInt8]
  ) -> (name: String, json: String)? {
    guard let facet = try? Facet.fields.decode(bytes) else { return nil }
    return ("\(Facet.name)", Facet.fields.json(of: facet))
  }

  /// All that there are, by number.
  package static let all: [UInt16: any SessionFacet.Type] = {
    var table: [UInt16: any SessionFacet.Type] = [:]
    for operation in Operations.ofSessions.values {
      for facet in operation.facets { table[facet.number] = facet }
    }
    return table
  }()
}

extension Facets {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(UInt64(list.count))
    for kept in list {
      writer.writeVarint(UInt64(kept.number))
      writer.write(bytes: kept.bytes)
    }
  }

  init(from reader: inout ByteReader) throws(DecodingFailure) {
    for _ in 0..<(try reader.readCount(limit: .max, minimumElementSize: 2)) {
      let number = try reader.readVarint()
      guard let small = UInt16(exactly: number), let type = Self.all[small] else {
        throw .invalid("a session has facet \(number), which is not known")
      }
      guard list.last.map({ $0.number < small }) ?? true else { throw .invalid("a session has a facet twice") }
      let bytes = try reader.readBytes(limit: .max)
      try Self.check(type, bytes)
      list.append(Kept(number: small, bytes: bytes))
    }
  }

  private static func check<Facet: SessionFacet>(_: Facet.Type, _ bytes: [UInt8]) throws(DecodingFailure) {
    _ = try Facet.fields.decode(bytes)
  }
}
