package import Desk
internal import Kernel

/// What an operation tells to those who follow a conversation: of every kind that is declared, and of those that a newer server
/// has besides.
public struct DeclaredEvent: Sendable, Hashable {
  /// What has happened, for instance `rated`.
  public let kind: String
  /// The event as the server sent it: a JSON object. Of kinds that are not known to this client, too.
  public let json: String
  /// nil: the kind is not known, or its fields are not those that are declared.
  let record: NewsRecord?

  /// - Parameter text: of the frame.
  init(_ kind: String, _ text: UnsafeRawBufferPointer) {
    self.kind = kind
    json = String(decoding: text, as: UTF8.self)
    record = NewsRecord(kind: kind, reading: text)
  }

  /// The event by its type; nil: it is another one.
  package func opened<News: SessionNews>(as type: News.Type) -> News? { record?.opened(as: type) }
}
