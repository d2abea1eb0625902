internal import Desk
internal import Kernel
internal import Protocol

/// A query as somebody has typed it into a path and its parameters.
struct QueryWords<One: Query> {
  private(set) var query: One
  /// What makes a list another one: its cursors are for it alone.
  private let list: String

  /// - Parameter path: the words that stand in the path.
  /// - Throws: 400 that names the parameter.
  init(
    _ parameters: QueryParameters, path: (String) -> String, _ desk: DeskName, _ person: Person
  ) throws {
    let inPath = One.route?.fields ?? []
    var (members, filters): ([String], [String]) = ([], [])
    for field in One.fields.list {
      let isInPath = inPath.contains(field.name)
      guard let word = isInPath ? path(field.name) : parameters.text(field.name) else { continue }
      let json = field.spelling.json(of: word)
      guard Self.isOneValue(json) else {
        throw ProblemDetails.badValue(field.name, word, allowed: "a value of its schema in /openapi.json")
      }
      // A frame means the highest then; here the word was wrong as long as there has been this interface.
      if let most = field.most, (UInt64(word) ?? .max) > most {
        throw ProblemDetails.badValue(field.name, word, allowed: "a whole number from 1 to \(most)")
      }
      members.append("\(field.name.quotedJSON):\(json)")
      if field.name != "limit", field.name != Self.placeField {
        filters.append("\(field.name)=\(word)")
      }
    }
    list = (["\(One.name)/\(desk)/\(person.role.name)/\(person.id)"] + filters).joined(separator: "?")
    do throws(Failure) {
      let text = Array("{\(members.joined(separator: ","))}".utf8)
      let read: Result<One, Failure> = text.withUnsafeBytes { text in
        do throws(Failure) { return .success(try One.fields.read(text)) } catch { return .failure(error) }
      }
      query = try read.get()
    } catch {
      let names = One.fields.list.map(\.name).filter { parameters.has($0) || inPath.contains($0) }
      let isNamed = names.contains { error.message.contains("`\($0)`") }
      throw ProblemDetails.badRequest((isNamed ? "" : names.joined(separator: ", ") + ": ") + error.message)
    }
    if let cursor = try parameters.value(.cursor) { query = try Self.going(on: cursor, in: list, query) }
  }

  private static func isOneValue(_ json: String) -> Bool {
    var json = json
    return json.withUTF8 { text in
      guard isValidUTF8(UnsafeRawBufferPointer(text)) else { return false }
      var reader = JSONReader(UnsafeRawBufferPointer(text))
      do throws(JSONFault) {
        _ = try reader.value(depth: 2)
        try reader.expectEnd()
        return true
      } catch { return false }
    }
  }

  // MARK: Pages

  private static var placeField: String? {
    func field<Paged: PagedQuery>(_: Paged.Type) -> String { "\(Paged.placeField)" }
    return (One.self as? any PagedQuery.Type).map { field($0) }
  }

  private static func going(on cursor: PageCursor, in list: String, _ query: One) throws -> One {
    func goOn<Paged: PagedQuery>(_ paged: Paged) throws -> any PagedQuery {
      var paged = paged
      guard paged.place == nil else {
        throw ProblemDetails.badRequest("Give \"cursor\" or \"\(Paged.placeField)\", not both.")
      }
      guard let place = Paged.Place(bytes: try cursor.place(in: list)) else { throw PageCursor.foreign }
      paged.place = place
      return paged
    }
    guard let paged = query as? any PagedQuery, let gone = try goOn(paged) as? One else { return query }
    return gone
  }

  /// - Returns: nil: there is nothing more, or it is no list.
  func cursor(behind answer: One.Answer) -> PageCursor? {
    func place<Paged: PagedQuery>(_ paged: Paged) -> [UInt8]? {
      (answer as? Paged.Answer).flatMap { paged.place(behind: $0)?.bytes }
    }
    return (query as? any PagedQuery).flatMap { place($0) }.map { PageCursor($0, in: list) }
  }

  // MARK: Its description

  static var route: QueryRoute {
    let inPath = One.route?.fields ?? []
    var fields: [any DescribedQueryField] = One.fields.list.filter { !inPath.contains($0.name) }.map {
      DeclaredParameter(field: $0)
    }
    let words = One.fields.list.filter { inPath.contains($0.name) && $0.name != "session" }
    if placeField != nil { fields.append(QueryField<PageCursor?>.cursor) }
    fields.append(QueryField<Bool>.isLocal)
    return QueryRoute(
      path: One.route?.path ?? "", name: One.self is Sessions.Type ? "ownSessions" : "\(One.name)",
      tag: One.noun == .desk || One.noun == .audit ? "cluster" : "sessions", summary: One.summary,
      about: One.about,
      readers: .roles(One.allowed), fields: fields,
      wordsInPath: words.map { DeclaredParameter(field: $0) },
      answer: QueryRoute.Answer(about: "The answer.", schema: QueryDocument.schema(of: One.self)))
  }
}

/// A field of a query as a parameter.
private struct DeclaredParameter: DescribedQueryField {
  let field: FieldDescription
  var name: String { field.name }
  var about: String { field.about }
  var schema: String { field.schema + (field.most.map { ", \"maximum\": \($0)" } ?? "") }
  var mayBeEmpty: Bool { false }
  var isRequired: Bool { field.isRequired }
}
