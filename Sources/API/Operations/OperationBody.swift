import Desk
import Kernel
internal import Protocol

/// The body of a request and the words of its path as one JSON object, as operations read it.
enum OperationBody {
  /// - Parameters:
  ///   - body: JSON, or nothing at all.
  ///   - path: the fields that stand in the path, as typed.
  /// - Throws: 400 when it is no object, or has a member that the operation does not know: a misspelt one would be read as
  ///   left out.
  static func text(
    _ body: [UInt8], path: [String: String], of fields: [FieldDescription]
  ) throws(ProblemDetails) -> [UInt8] {
    let members = fields.map(\.name).filter { path[$0] == nil }
    var text: [UInt8] = Array("{".utf8)
    for field in fields {
      guard let word = path[field.name] else { continue }
      if text.count > 1 { text.append(UInt8(ascii: ",")) }
      text += Array("\(field.name.quotedJSON):\(field.spelling.json(of: word))".utf8)
    }
    if !body.isEmpty {
      let count = try check(body, members)
      if count > 0, text.count > 1 { text.append(UInt8(ascii: ",")) }
      guard let open = body.firstIndex(of: UInt8(ascii: "{")), let end = body.lastIndex(of: UInt8(ascii: "}"))
      else {
        throw noObject(members)
      }
      text += body[(open + 1)..<end]
    }
    text.append(UInt8(ascii: "}"))
    return text
  }

  /// - Returns: how many members it has.
  private static func check(_ body: [UInt8], _ allowed: [String]) throws(ProblemDetails) -> Int {
    var names: [String] = []
    let isRead = body.withUnsafeBytes { text in
      guard isValidUTF8(text) else { return false }
      var reader = JSONReader(text)
      do throws(JSONFault) {
        try reader.members(depth: 1) { name, _ in
          if names.count <= allowed.count { names.append(name.string(in: text) ?? "") }
        }
        try reader.expectEnd()
        return true
      } catch { return false }
    }
    guard isRead else { throw noObject(allowed) }
    for (place, name) in names.enumerated() {
      guard allowed.contains(name) else {
        throw .badRequest(
          "The body's member \"\(name.prefix(64))\" is not known here; allowed: \(allowed.joined(separator: ", "))."
        )
      }
      guard !names[..<place].contains(name) else {
        throw .badRequest("The body's member \"\(name)\" comes twice.")
      }
    }
    return names.count
  }

  private static func noObject(_ allowed: [String]) -> ProblemDetails {
    .badRequest("The body must be a JSON object in UTF-8 with the members \(allowed.joined(separator: ", ")).")
  }
}
