package import Desk
package import Kernel

/// A frame that a client sends, as the JSON object of `v2.msg`: an operation with its id, or one of the few frames that are
/// about the connection alone. What an operation says is written by its declaration.
package struct SentFrame: Sendable, Equatable {
  package struct ResumePoint: Sendable, Equatable {
    package var session: String
    package var after: UInt64

    package init(session: String, after: UInt64) {
      self.session = session
      self.after = after
    }
  }

  package enum Content: Sendable {
    case hello(ClientHello)
    case pong
    /// Frequent, and so written by hand, as `send`: a test holds both against their declarations.
    case received(Received)
    case send(Send)
    case operation(any ClientOperation)
  }

  package let content: Content
  package let id: String?
  /// What it says beside the fields of an operation of a session.
  private let expecting: Expecting

  private init(_ content: Content, id: String? = nil, expecting version: SessionVersion? = nil) {
    (self.content, self.id, expecting) = (content, id, Expecting(version: version))
  }

  package init(_ operation: some ClientOperation, id: String?) {
    if let send = operation as? Send {
      self.init(.send(send), id: id)
    } else {
      self.init(.operation(operation), id: id)
    }
  }

  /// - Parameter version: of the session, for this to be done; nil: whatever it is.
  package init(_ operation: some SessionOperation, id: String?, expecting version: SessionVersion?) {
    self.init(.operation(operation), id: id, expecting: version)
  }

  package init(_ hello: ClientHello, id: String? = nil) { self.init(.hello(hello), id: id) }
  package init(_ received: Received) { self.init(.received(received)) }
  package static let pong = SentFrame(.pong)

  /// Whether both say the same.
  package static func == (left: SentFrame, right: SentFrame) -> Bool { left.encoded == right.encoded }

  // MARK: What it says

  package var operation: (any ClientOperation)? {
    switch content {
    case .send(let send): send
    case .operation(let operation): operation
    case .hello, .pong, .received: nil
    }
  }

  package var hello: ClientHello? { if case .hello(let hello) = content { hello } else { nil } }
  package var join: Join? { if case .operation(let operation) = content { operation as? Join } else { nil } }

  package var type: String {
    switch content {
    case .hello: "hello"
    case .pong: "pong"
    case .received: "received"
    case .send: "\(Send.name)"
    case .operation(let operation): "\(Swift.type(of: operation).name)"
    }
  }

  // MARK: How it is written

  package func write(to text: inout BoundedWriter) {
    switch content {
    case .hello(let hello): hello.write(id: id, to: &text)
    case .pong: text.write(literal: #"{"type":"pong"}"#)
    case .received(let received):
      text.write(literal: #"{"type":"received","session":"#)
      text.write(json: received.session)
      text.write(literal: #","seq":"#)
      text.write(decimal: received.seq.rawValue)
      text.write(literal: "}")
    case .send(let send):
      text.write(literal: #"{"type":"send""#)
      if let id {
        text.write(literal: #","id":"#)
        text.write(json: id)
      }
      text.write(literal: #","session":"#)
      text.write(json: send.session)
      text.write(literal: #","body":"#)
      send.body.withUnsafeBytes { text.write(json: $0) }
      text.write(literal: "}")
    case .operation(let operation): Self.write(operation, id: id, expecting, to: &text)
    }
  }

  private static func write<One: ClientOperation>(
    _ one: One, id: String?, _ expecting: Expecting, to text: inout BoundedWriter
  ) {
    write(One.name, id: id, one, One.fields, expecting, to: &text)
  }

  /// A frame of that type, by the declaration of what it says.
  static func write<Said>(
    _ type: StaticString, id: String?, _ said: Said, _ fields: Fields<Said>,
    _ expecting: Expecting = Expecting(version: nil), to text: inout BoundedWriter
  ) {
    text.write(literal: #"{"type":""#)
    text.write(literal: type)
    text.write(literal: "\"")
    if let id {
      text.write(literal: #","id":"#)
      text.write(json: id)
    }
    var isFirst = false
    fields.writeMembers(of: said, isFirst: &isFirst, into: &text)
    Expecting.fields.writeMembers(of: expecting, isFirst: &isFirst, into: &text)
    text.write(literal: "}")
  }

  /// The frame's text as UTF-8.
  package var encoded: [UInt8] {
    var buffer = FrameBuffer()
    buffer.append(expected: 256 + longest) { write(to: &$0) }
    return buffer.bytes
  }

  /// About as many bytes, besides a few hundred.
  private var longest: Int {
    switch content {
    case .hello(let hello): hello.token.utf8.count + 48 * (hello.resume?.count ?? 0)
    case .send(let send): send.body.count
    case .pong, .received, .operation: 0
    }
  }
}
