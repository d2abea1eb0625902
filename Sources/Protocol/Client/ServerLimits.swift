import Desk

/// What a node takes, as its welcome says. What is longer is not sent: it would be refused, or would end the connection.
package struct ServerLimits: Sendable, Hashable {
  /// The most bytes of a frame; nil: not said.
  package var frameBytes: Int?
  /// The most bytes of a message's text; nil: not said.
  package var bodyBytes: Int?

  package init(frameBytes: Int? = nil, bodyBytes: Int? = nil) {
    self.frameBytes = frameBytes
    self.bodyBytes = bodyBytes
  }

  /// Why a frame would not be taken; nil when it would.
  func refusal(of frame: SentFrame) -> ClientError? {
    if case .send(let send) = frame.content {
      let body = send.body.count
      if let bodyBytes, body > bodyBytes { return .tooLong(body, most: bodyBytes) }
      // JSON writes a byte as six at most, so most messages are known to fit without being written.
      let most = (body + (frame.id?.utf8.count ?? 0)) * 6 + 1024
      guard let frameBytes, most > frameBytes else { return nil }
    }
    guard let frameBytes else { return nil }
    let count = frame.encoded.count
    return count > frameBytes ? .tooLong(count, most: frameBytes) : nil
  }
}

extension ClientError {
  static func tooLong(_ bytes: Int, most: Int?) -> ClientError {
    let most = most.map { "at most \(grouped($0))" } ?? "the node does not say how many it takes"
    return .refused(code: "too_large", message: "too long (\(grouped(bytes)) bytes; \(most))")
  }

  /// `70,000`.
  private static func grouped(_ number: Int) -> String {
    let digits = String(number)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }
}

extension SentFrame {
  /// What people call its length: that of the text, where it has one.
  var saidBytes: Int { if case .send(let send) = content { send.body.count } else { encoded.count } }
}
