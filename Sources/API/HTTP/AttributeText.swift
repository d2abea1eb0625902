internal import Desk
internal import Hummingbird
import Kernel
internal import NIOCore
internal import Protocol

/// The attributes of a session as the client gave them, byte for byte: 1.0 is not 1, and a number of twenty digits is not
/// a rounded one, so no reader and writer of numbers stands between.
struct AttributeText {
  /// The object of the attributes, and behind it the members that operations keep with the session.
  let json: String

  init(_ attributes: [Attribute], _ facets: Facets) {
    let members = attributes.sorted { $0.name < $1.name }.map { attribute in
      attribute.name.quotedJSON + ":" + Self.value(attribute.json)
    }
    let kept = facets.members().map { ",\($0.name.quotedJSON):\($0.json)" }
    json = "{" + members.joined(separator: ",") + "}" + kept.joined()
  }

  /// What is not JSON, as earlier releases have let in, is shown as the text that it is.
  private static func value(_ json: String) -> String {
    var json = json
    let isJSON = json.withUTF8 { text in
      let bytes = UnsafeRawBufferPointer(text)
      var reader = JSONReader(bytes)
      do {
        _ = try reader.value(depth: 0)
        try reader.expectEnd()
        return true
      } catch {
        return false
      }
    }
    return isJSON ? json : json.quotedJSON
  }
}

extension SessionDocument {
  /// As JSON, with its attributes.
  func text(_ attributes: AttributeText) throws -> String {
    // Within a string of JSON no quote stands without a backslash before it, so this is the member itself.
    try Response.jsonText(of: self)
      .replacing(#""attributes":{}"#, with: #""attributes":"# + attributes.json, maxReplacements: 1)
  }
}
