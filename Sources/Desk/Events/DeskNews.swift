internal import Kernel

/// Something that happens in a desk, declared once: whoever follows the session or the desk is told it in this form, and the
/// documents describe it from here.
package protocol DeskNews: Sendable {
  /// What has happened: the `kind` of its frame, and the event's name over HTTP.
  static var name: StaticString { get }
  /// One line for people: what has happened.
  static var summary: String { get }
  static var fields: Fields<Self> { get }
}

extension DeskNews {
  /// Each field that has a value as a member of a JSON document, with a comma before it.
  package var members: String {
    var buffer = FrameBuffer()
    buffer.append(expected: 128) { writer in
      var isFirst = false
      Self.fields.writeMembers(of: self, isFirst: &isFirst, asDocument: true, into: &writer)
    }
    return buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}
