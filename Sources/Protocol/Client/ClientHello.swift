internal import Kernel

/// The first frame of a connection, and the one that brings a new token. What is nil is left out.
package struct ClientHello: Sendable {
  package var token: String
  package var receipts: Bool?
  package var resume: [SentFrame.ResumePoint]?

  package init(token: String) { self.token = token }

  func write(id: String?, to text: inout BoundedWriter) {
    text.write(literal: #"{"type":"hello""#)
    if let id {
      text.write(literal: #","id":"#)
      text.write(json: id)
    }
    text.write(literal: #","token":"#)
    text.write(json: token)
    if let receipts { text.write(literal: receipts ? #","receipts":true"# : #","receipts":false"#) }
    if let resume {
      text.write(literal: #","resume":["#)
      for (place, point) in resume.enumerated() {
        text.write(literal: place == 0 ? #"{"session":"# : #",{"session":"#)
        text.write(json: point.session)
        text.write(literal: #","after":"#)
        text.write(decimal: point.after)
        text.write(literal: "}")
      }
      text.write(literal: "]")
    }
    text.write(literal: "}")
  }
}
